"""What cannot be scanned as usual: too slow, too large, too many, nothing there. It costs itself alone."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from quality_platform.collectors.repository.limits import Limits
from quality_platform.errors import SourceError
from quality_platform.model.batch import Batch
from quality_platform_tests.data.repositories import (
    PROJECT,
    SNIPPETS,
    Past,
    Repository,
    scan,
)


def problems_of(past: Past) -> dict[object, tuple[object, ...]]:
    """Rule and message of our own findings, by path."""
    paths = {row["blob_id"]: row["path"] for row in past.records("code_files")}
    rows = [row for row in past.records("code_findings") if row["tool"] == "quality_platform"]
    return {paths[row["blob_id"]]: (row["rule"], row["message"]) for row in rows}


def lines_of(past: Past) -> dict[object, object]:
    metrics = {row["blob_id"]: row["lines_of_code"] for row in past.records("code_file_metrics")}
    return {row["path"]: metrics[row["blob_id"]] for row in past.records("code_files")}


def test_a_file_that_takes_too_long_to_check_is_measured(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    # bandit takes the square of a statement's lines: 5 s for this
    slow = "x = {\n" + "".join(f"    '{number}': 'v',\n" for number in range(15_000)) + "}\n"
    repository.commit("slow", {"slow.py": slow, "good.py": SNIPPETS[0]})
    past = Past()
    scan(repository.folder, past, tmp_path / "clones", limits=replace(Limits(), bandit_seconds=1.0))
    assert lines_of(past) == {"good.py": 4, "slow.py": 15_002}
    assert all(row["analysed"] for row in past.records("code_file_metrics"))
    [(path, (rule, message))] = problems_of(past).items()
    assert (path, rule) == ("slow.py", "timeout")
    assert str(message).startswith("not checked by bandit: analysing it takes too long (no result within")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is not enforced")
def test_a_file_that_takes_too_much_memory_costs_itself_alone(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    repository.commit("large", {"large.py": "[[x]]\n" * 150_000, "good.py": SNIPPETS[0]})
    past = Past()
    scan(repository.folder, past, tmp_path / "clones", limits=replace(Limits(), file_memory=150_000_000))
    assert lines_of(past) == {"good.py": 4, "large.py": None}
    assert problems_of(past) == {"large.py": ("out_of_memory", "analysing it takes too much memory")}


def test_a_file_that_breaks_the_analyser_costs_itself_alone(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    elifs = "if x == 0:\n    pass\n" + "".join(f"elif x == {number}:\n    pass\n" for number in range(1, 700))
    deep = "x = " + "-" * 4000 + "1\n"
    repository.commit("deep", {"elifs.py": elifs, "deep.py": deep, "good.py": SNIPPETS[0]})
    past = Past()
    scan(repository.folder, past, tmp_path / "clones")
    files = {row["path"]: row["blob_id"] for row in past.records("code_files")}
    metrics = {row["blob_id"]: row for row in past.records("code_file_metrics")}
    assert metrics[files["good.py"]]["analysed"]
    assert metrics[files["elifs.py"]]["cyclomatic_complexity"] == 701
    assert metrics[files["deep.py"]]["analysed"]


def test_a_commit_with_too_many_files_is_refused_and_the_others_kept(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    small = repository.commit("small", {"a.py": SNIPPETS[0]})
    large = repository.commit("large", {f"d{number}/f.py": SNIPPETS[1] for number in range(6)})
    again = repository.commit("small again", {f"d{number}/f.py": None for number in range(6)})
    past = Past()
    batches: list[Batch] = scan(
        repository.folder, past, tmp_path / "clones", limits=replace(Limits(), commit_entries=12)
    )
    assert past.known("code_commits", "commit_sha", PROJECT) == {small, again}
    [rejected] = batches[-1].rejected
    assert (rejected.table, rejected.position) == ("code_commits", large)
    assert "13 files and folders; at most 12" in rejected.reason
    assert past.rows("code_file_metrics").num_rows == 1


def test_a_repository_without_python_is_read_too(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    repository.commit("one", {"notes.txt": "none\n"})
    contents, commits = scan(repository.folder, Past(), tmp_path / "clones")
    assert set(contents.tables) == {"code_analyses"}
    assert set(commits.tables) == {"code_commits", "code_files", "code_changes", "code_practices"}


def test_an_empty_commit_is_a_commit(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    repository.snapshot("nothing")
    [batch] = scan(repository.folder, Past(), tmp_path / "clones")
    assert set(batch.tables) == {"code_commits", "code_practices"}


def test_a_repository_without_commits_says_so(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    with pytest.raises(SourceError, match="has no commits yet"):
        scan(repository.folder, Past(), tmp_path / "clones")
