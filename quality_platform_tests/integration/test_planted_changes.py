"""Known changes, planted at known commits of a real history: the whole pipeline finds them all, and nothing else.

The same history without the plants runs beside it: what is found there too was really there.
`PLANTED_REPOSITORY` names another repository than this one, `PLANTED_COMMIT` its last commit.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from quality_platform.configuration.effective import effective
from quality_platform.defs.dbt.project import target
from quality_platform.ingestion import given, sources
from quality_platform.ingestion.collect import collect_all
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.dbt_runs import take_parsed
from quality_platform_tests.data.planting import COMMITS, CREEP, DROP, JUMP, Told, coverage, tell
from quality_platform_tests.data.platforms import Demo
from quality_platform_tests.data.repositories import Repository

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

OURS = Path(__file__).parents[2]
LAST = "5e7fb01"
# coverage is measured from this commit on, one after the other, as a team's CI does
MEASURED = 80
NEAR = timedelta(days=10)
# what findings of a low severity add to
CREEPING = {"code.findings_low", "code.debt_minutes", "code.debt_ratio", "security.score"}
CHANGES = """
    SELECT metric, project, commit_sha, direction FROM marts.metric_changes
    WHERE metric LIKE 'code.%' OR metric LIKE 'security.%' ORDER BY ALL
"""
TRENDS = """
    SELECT metric, project, direction, window_start, slope_per_day FROM marts.metric_trends
    WHERE metric LIKE 'code.%' OR metric LIKE 'security.%' ORDER BY ALL
"""


@pytest.fixture(scope="module")
def source() -> tuple[Path, str]:
    folder = Path(os.environ.get("PLANTED_REPOSITORY", OURS))
    last = os.environ.get("PLANTED_COMMIT", LAST if folder == OURS else "HEAD")
    counted = subprocess.run(
        ["git", "rev-list", "--first-parent", "--count", last], cwd=folder, capture_output=True, text=True, check=False
    )
    if counted.returncode or int(counted.stdout) < COMMITS:
        if folder != OURS:
            pytest.fail(f"{folder}, which PLANTED_REPOSITORY names, has no {COMMITS} commits up to {last}")
        # a copy without its history, or with a part of it
        pytest.skip(f"{folder} has no history of {COMMITS} commits up to {last}")
    full = subprocess.run(["git", "rev-parse", last], cwd=folder, capture_output=True, text=True, check=True)
    return folder, full.stdout.strip()


@pytest.fixture(scope="module")
def judged(
    source: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory, parsed_models: Path
) -> tuple[Demo, Told, Told]:
    """Both histories in one lake, judged."""
    folder = tmp_path_factory.mktemp("planted")
    told = {name: tell(*source, folder / name, planted=name == "planted") for name in ("plain", "planted")}
    demo = Demo(Settings(home=folder / "home"), folder, Repository(folder / "planted"))
    projects = "".join(f"  - {{id: {name}, repository: {{url: {name}, history: {COMMITS}}}}}\n" for name in told)
    demo.config.write_text(f"projects:\n{projects}")
    take_parsed(parsed_models, target(demo.settings))
    demo.verb("check")
    for number in range(MEASURED, COMMITS):
        for name, one in told.items():
            _measure(one, number, planted=name == "planted")
        _collect(demo)
    assert demo.json("run")["success"]
    return demo, told["plain"], told["planted"]


def _measure(one: Told, number: int, *, planted: bool) -> None:
    """The working copy stands at commit `number`, with a report of the moment."""
    Repository(one.folder).git("reset", "--quiet", "--hard", one.commits[number])
    report = one.folder / "coverage.xml"
    report.write_text(coverage(one, number, planted=planted))
    moment = one.moments[number].timestamp() + 3_600
    os.utime(report, (moment, moment))


def _collect(demo: Demo) -> None:
    settings = demo.settings.model_copy(update={"config": demo.config})
    with closing(Lake(settings)) as lake:
        lake.set_up()
        done = collect_all(lake, sources.tasks(effective(settings)), given.context(settings, lake), run_id=None)
    assert done.failures == {}


def found_at(demo: Demo, told: Told, project: str) -> set[tuple[str, int, str]]:
    """Metric, commit and direction of every change found."""
    rows: list[dict[str, Any]] = demo.sql(CHANGES)
    places = {sha: number for number, sha in enumerate(told.commits)}
    return {(row["metric"], places[row["commit_sha"]], row["direction"]) for row in rows if row["project"] == project}


def drifts(demo: Demo, project: str) -> dict[str, dict[str, Any]]:
    return {
        row["metric"]: row for row in demo.sql(TRENDS) if row["project"] == project and row["direction"] == "degrading"
    }


def test_the_jump_and_the_drop_are_found_at_their_commits(judged: tuple[Demo, Told, Told]) -> None:
    demo, _, planted = judged
    found = found_at(demo, planted, "planted")
    assert ("code.complexity_per_100_lines", JUMP, "regression") in found
    assert ("code.coverage_percent", DROP, "regression") in found


def test_the_creep_is_found_from_where_it_begins(judged: tuple[Demo, Told, Told]) -> None:
    demo, _, planted = judged
    creep, real = drifts(demo, "planted")["code.debt_ratio"], drifts(demo, "plain").get("code.debt_ratio")
    # where the plain history crept before, the planted creep goes on from there
    earliest = planted.moments[CREEP] if real is None else datetime.fromisoformat(real["window_start"])
    assert earliest - NEAR <= datetime.fromisoformat(creep["window_start"]) <= planted.moments[CREEP] + NEAR
    assert real is None or creep["slope_per_day"] > 1.5 * real["slope_per_day"]


def test_and_nothing_else(judged: tuple[Demo, Told, Told]) -> None:
    """What is found beyond what the plain history has is at a planted commit, or is the creep's."""
    demo, plain, planted = judged
    real = {(metric, near) for metric, at, _ in found_at(demo, plain, "plain") for near in range(at - 2, at + 3)}
    extra = {(metric, at) for metric, at, _ in found_at(demo, planted, "planted")} - real
    others = {(metric, at) for metric, at in extra if not (metric in CREEPING and at >= CREEP)}
    assert {at for _, at in others} <= {JUMP, DROP}, sorted(others)
