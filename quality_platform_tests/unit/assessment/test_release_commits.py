"""Releases out of the tags of a real repository: which commit came in which, and tags that are taken away."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from quality_platform.assessment.releases import write_release_commits
from quality_platform.collectors.contract import silent
from quality_platform.collectors.repository import COLLECTOR
from quality_platform.ingestion.collect import collect
from quality_platform.ingestion.given import context
from quality_platform.model.configuration import ProjectConfig, QualityConfig, RepositorySource
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.repositories import Repository


def released(lake: Lake, made: Repository) -> dict[str, str]:
    """The release of each commit, after another look at the repository."""
    source = RepositorySource(url=str(made.folder), findings=("ruff",))
    (task,) = COLLECTOR.find(QualityConfig(projects=(ProjectConfig(id="demo", repository=source),)))
    collect(lake, COLLECTOR, task, context(lake.settings, lake, silent), run_id=None)
    write_release_commits(lake)
    return {row["commit_sha"]: row["release"] for row in lake.rows("FROM marts.release_commits")}


def test_commits_belong_to_the_first_release_that_holds_them_as_long_as_its_tag_is_there(tmp_path: Path) -> None:
    made = Repository(tmp_path / "source")
    with closing(Lake(Settings(home=tmp_path / "home"))) as lake:
        lake.set_up()
        one = made.commit("one", {"a.py": "x = 1\n"})
        assert released(lake, made) == {}
        made.git("tag", "v1.0.0")
        made.git("tag", "nightly")
        two = made.commit("two", {"a.py": "x = 2\n"})
        made.git("tag", "--annotate", "--message=second", "v1.1.0")
        three = made.commit("three", {"a.py": "x = 3\n"})
        assert released(lake, made) == {one: "v1.0.0", two: "v1.1.0"}

        made.git("tag", "v2.0.0")
        made.git("tag", "--delete", "v1.0.0")
        assert released(lake, made) == {one: "v1.1.0", two: "v1.1.0", three: "v2.0.0"}
        made.git("tag", "--delete", "v1.1.0", "v2.0.0", "nightly")
        assert released(lake, made) == {}
        made.git("tag", "v1.0.0", one)
        assert released(lake, made) == {one: "v1.0.0"}
