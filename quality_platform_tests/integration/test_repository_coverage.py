"""Coverage reports beside a repository, made by coverage.py itself and held against its own numbers."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from quality_platform.collectors.repository import COLLECTOR
from quality_platform.collectors.repository.limits import Limits
from quality_platform.ingestion.validation import checked
from quality_platform_tests.data.repositories import NOW, Past, Repository, context_for, scan, task_for

PROGRAM = '''"""Doc."""
import sys


def classify(number):
    if number < 0:
        return "negative"
    for divisor in (2, 3):
        if number % divisor == 0:
            break
    else:
        return "other"
    with open("/dev/null") as nothing:
        text = (
            "small"
            if number < 10
            else "large"
        )
    return text


def never():  # pragma: no cover
    return 1


def unused():
    return [
        2,
    ]


while True:
    print(classify(4), classify(5))
    break
if __name__ == "other":
    unused()
'''


@pytest.fixture
def measured(tmp_path: Path) -> Repository:
    """A repository with everything committed and not yet measured."""
    repository = Repository(tmp_path / "source")
    repository.commit("one", {"src/app/main.py": PROGRAM, "src/app/idle.py": "x = 1\n", "setup.py": "x = 1\n"})
    return repository


def coverage(repository: Repository, *arguments: str) -> None:
    environment = {**os.environ, "COVERAGE_FILE": str(repository.folder / ".coverage")}
    subprocess.run(
        [sys.executable, "-m", "coverage", *arguments],
        cwd=repository.folder,
        env=environment,
        check=True,
        capture_output=True,
    )


def rows(past: Past, report: str) -> dict[str, tuple[object, ...]]:
    columns = ("lines_executable", "lines_covered", "branches_total", "branches_covered")
    return {
        str(row["path"]): tuple(row[name] for name in columns)
        for row in past.records("code_coverage")
        if row["report"] == report
    }


@pytest.mark.parametrize("branch", [True, False])
def test_every_format_agrees_with_coverage_itself(measured: Repository, tmp_path: Path, branch: bool) -> None:
    coverage(measured, "run", *(["--branch"] if branch else []), "--source=src", "src/app/main.py")
    for form in ("json", "xml", "lcov"):
        coverage(measured, form)
    files = json.loads((measured.folder / "coverage.json").read_text())["files"]
    expected = {
        path: (
            *(entry["summary"]["num_statements"], entry["summary"]["covered_lines"]),
            *((entry["summary"]["num_branches"], entry["summary"]["covered_branches"]) if branch else (None, None)),
        )
        for path, entry in files.items()
    }
    assert expected["src/app/main.py"][0] > expected["src/app/main.py"][1] > 8  # type: ignore[operator]
    past = Past()
    batches = scan(measured.folder, past, tmp_path / "clones")
    assert rows(past, "coverage.json") == expected
    data = rows(past, ".coverage")
    assert data == {path: numbers for path, numbers in expected.items() if path in data}
    assert "src/app/main.py" in data
    for report in ("coverage.xml", "coverage.lcov"):
        found = rows(past, report)
        assert found.keys() == expected.keys()
        assert found["src/app/main.py"][:2] == expected["src/app/main.py"][:2]
    assert rows(past, "coverage.xml")["src/app/main.py"] == expected["src/app/main.py"]
    assert {row["commit_sha"] for row in past.records("code_coverage")} == {measured.git("rev-parse", "HEAD")}
    assert {row["format"] for row in past.records("code_coverage")} == {"coverage.py", "cobertura", "lcov"}
    assert not [path for path in (tmp_path / "clones").iterdir() if path.name.startswith("tmp")]
    assert all(checked(batch).rejected == () for batch in batches)


def test_data_measured_elsewhere_is_matched_by_the_ends_of_its_paths(measured: Repository, tmp_path: Path) -> None:
    coverage(measured, "run", "--source=src", "src/app/main.py")
    elsewhere = Repository(tmp_path / "elsewhere")
    elsewhere.commit("one", {"packages/src/app/main.py": PROGRAM})
    (measured.folder / ".coverage").rename(elsewhere.folder / ".coverage")
    past = Past()
    scan(elsewhere.folder, past, tmp_path / "clones")
    assert rows(past, ".coverage").keys() == {"packages/src/app/main.py"}


def report(made: Repository, *paths: str) -> None:
    """A report that says of each of these files that the first line ran."""
    (made.folder / "lcov.info").write_text("".join(f"SF:{path}\nDA:1,1\nend_of_record\n" for path in paths))


def new_lines(past: Past) -> dict[str, object]:
    return {str(row["path"]): row["new_lines"] for row in past.records("code_coverage")}


def test_new_lines_are_those_against_the_first_parent(tmp_path: Path) -> None:
    odd = "a [b] *:(c).py"
    made = Repository(tmp_path / "source")
    made.commit("one", {"a.py": "one\ntwo\nthree\n", odd: "x\n", "same.py": "x\n"})
    report(made, "a.py", odd, "same.py")
    past = Past()
    scan(made.folder, past, tmp_path / "first")
    assert new_lines(past) == {"a.py": "1-3", odd: "1", "same.py": "1"}

    made.git("checkout", "--quiet", "-b", "change")
    made.commit("two", {"a.py": "zero\none\ntwo\n", odd: "x\ny\n"})
    made.commit("three", {"a.py": "zero\none\ntwo\nmore\nmore\n"})
    made.git("checkout", "--quiet", "main")
    made.merge("change")
    past = Past()
    scan(made.folder, past, tmp_path / "second")
    assert new_lines(past) == {"a.py": "1,4-5", odd: "2", "same.py": ""}


def test_new_lines_of_a_commit_whose_parent_is_cut_off_are_unknown(tmp_path: Path) -> None:
    made = Repository(tmp_path / "source")
    made.commit("one", {"a.py": "one\n"})
    made.commit("two", {"a.py": "one\ntwo\n"})
    made.git("clone", "--quiet", "--depth=1", f"file://{made.folder}", str(tmp_path / "cut"))
    cut = Repository(tmp_path / "cut")
    report(cut, "a.py")
    past = Past()
    scan(cut.folder, past, tmp_path / "clones")
    assert new_lines(past) == {"a.py": None}


def test_a_report_is_read_when_it_changes_and_not_before(measured: Repository, tmp_path: Path) -> None:
    report = measured.folder / "lcov.info"
    report.write_text("SF:setup.py\nDA:1,0\nend_of_record\n")
    os.utime(report, ns=(0, 1_600_000_000_123_456_789))
    past, clones = Past(), tmp_path / "clones"
    scan(measured.folder, past, clones)
    [row] = past.records("code_coverage")
    assert (row["path"], row["lines_executable"], row["lines_covered"]) == ("setup.py", 1, 0)
    assert row["measured_at"].timestamp() == 1_600_000_000.123456
    assert scan(measured.folder, past, clones) == []

    task, context = task_for(measured.folder), context_for(past, clones)
    report.touch()
    assert not COLLECTOR.changed(task, context)
    # a new commit: the report was not measured on it
    measured.commit("two", {"other.py": "y = 1\n", ".gitignore": "lcov.info\n"})
    scan(measured.folder, past, clones)
    assert past.rows("code_coverage").num_rows == 1

    report.write_text("SF:setup.py\nDA:1,1\nend_of_record\n")
    os.utime(report, (4e9, 4e9))
    assert COLLECTOR.changed(task, context)
    [batch] = scan(measured.folder, past, clones)
    [row] = batch.tables["code_coverage"].to_pylist()
    assert (row["lines_covered"], row["commit_sha"]) == (1, measured.git("rev-parse", "HEAD"))
    assert row["measured_at"] == NOW
    assert list(batch.tables) == ["code_coverage"]
    assert scan(measured.folder, past, clones) == []
    report.unlink()
    assert scan(measured.folder, past, clones) == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("coverage.xml", b"<coverage><broken", "cannot be read"),
        ("coverage.json", b'{"files": 1}', "cannot be read"),
        (
            "coverage.json",
            b'{"files": {"setup.py": {"summary": {"num_statements": 1, "covered_lines": 2}}}}',
            "its numbers for setup.py cannot be: (1, 2,",
        ),
        (
            "coverage.json",
            b'{"files": {"setup.py": {"summary": {"num_statements": 1e30, "covered_lines": 2}}}}',
            "its numbers for setup.py cannot be: (1000",
        ),
        ("coverage.json", b"[" * 100_000, "cannot be read"),
        ("lcov.info", b"SF:/usr/lib/python3/os.py\nDA:1,1\nend_of_record\n", "none of its 1 files"),
        ("lcov.info", b"nothing of the kind", "cannot be read"),
        ("lcov.info", b"x" * 2000, "larger than 1,000 bytes"),
        (".coverage", b"SQLite format 3\0 and then rubbish", "cannot be read"),
        (".coverage", b"no data at all", "cannot be read"),
    ],
)
def test_a_report_that_cannot_be_read_is_refused_with_its_reason(
    measured: Repository, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (measured.folder / name).write_bytes(content)
    limits = replace(Limits(), report_bytes=1_000 if name == "lcov.info" else 1_000_000)
    past = Past()
    [*_, last] = scan(measured.folder, past, tmp_path / "clones", limits=limits)
    [rejected] = last.rejected
    assert (rejected.table, rejected.position) == ("code_coverage", name)
    assert reason in rejected.reason
    assert past.rows("code_commits").num_rows == 1
    assert past.rows("code_coverage").num_rows == 0
    assert scan(measured.folder, past, tmp_path / "clones", limits=limits) == []


def test_a_data_file_that_never_ends_is_given_up(measured: Repository, tmp_path: Path) -> None:
    """SQLite runs what a file's views say: this one counts to infinity."""
    coverage(measured, "run", "--source=src", "src/app/main.py")
    with sqlite3.connect(measured.folder / ".coverage") as database:
        database.execute("ALTER TABLE file RENAME TO old_file")
        database.execute(
            "CREATE VIEW file (id, path) AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT max(i), 'a' FROM n"
        )
    database.close()
    before = (measured.folder / ".coverage").read_bytes()
    limits = replace(Limits(), report_seconds=0.5)
    [*_, last] = scan(measured.folder, Past(), tmp_path / "clones", limits=limits)
    [rejected] = last.rejected
    assert "no result within" in rejected.reason
    assert (measured.folder / ".coverage").read_bytes() == before
