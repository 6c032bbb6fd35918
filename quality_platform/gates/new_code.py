"""What a change brings: findings that were not there, functions that it touches, copies, suppressions.

A finding is new when its rule, function and line of text were not there before, so that moved code brings none. Does
not belong here: whether that is too much (`judging.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quality_platform.analysis.tools import NUMBERS, TAINT, TEXT, Wanted, tools_for
from quality_platform.collectors.contract import Progress
from quality_platform.collectors.repository.contents import Analysts, Look
from quality_platform.collectors.repository.duplicates import duplicates
from quality_platform.collectors.repository.files import Listing
from quality_platform.collectors.repository.head import code_of, read_texts
from quality_platform.collectors.repository.languages import ANALYSED, language_of
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.repository.patch import Changed
from quality_platform.collectors.repository.trees import Trees
from quality_platform.gates.changes import Changes
from quality_platform.gates.patch_coverage import patch_coverage

FINDERS = ("ruff", "taint", "secrets")
WEAKNESS = {328: 327}
"""What those call it who know no hashes."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Something in a file of HEAD: a finding, or a function that the change touches."""

    path: str
    line: int
    rule: str
    title: str
    severity: str
    tool: str
    function: str | None = None
    cwe: int | None = None
    value: int | None = None


@dataclass(frozen=True, slots=True)
class NewCode:
    """The change in numbers and places. `duplicated` of the new `lines` stand elsewhere, token for token."""

    base: str
    head: str
    files: int
    lines: int
    findings: tuple[Place, ...]
    gone: int
    functions: tuple[Place, ...]
    duplicated: int
    suppressions: int
    executable: int | None = None
    """New lines that could run, as a coverage report beside the repository says; None without one."""
    uncovered: tuple[Place, ...] = ()
    """Those of them that did not."""


def new_code(changes: Changes, scratch: Path, secret: bytes, workers: int, progress: Progress) -> NewCode:
    """Look at both sides of `changes`. Raises SourceError."""
    limits = Limits()
    found = _looked_at(changes, scratch, secret, workers, limits, progress)
    files = [file for file in changes.files if file.after]
    before = Counter(key for file in changes.files for key in _keys(found, file.before))
    fresh, gone = _fresh(found, files, before)
    executable, uncovered = patch_coverage(changes, limits)
    known = sum(_suppressions(found, file.before) for file in changes.files)
    return NewCode(
        base=changes.base,
        head=changes.clone.head,
        files=len(changes.files),
        lines=sum(len(file.lines) for file in files),
        findings=tuple(sorted(fresh, key=lambda place: (place.path, place.line, place.rule))),
        gone=gone,
        functions=tuple(_touched(found, files)),
        duplicated=_duplicated(changes, limits),
        suppressions=sum(_suppressions(found, file.after) for file in files) - known,
        executable=executable,
        uncovered=tuple(
            Place(path, line, "uncovered", "No test runs it.", "low", "coverage") for path, line in uncovered
        ),
    )


def _looked_at(
    changes: Changes, scratch: Path, secret: bytes, workers: int, limits: Limits, progress: Progress
) -> dict[str, dict[str, list[Row]]]:
    """Rows by table and blob of everything that changed."""
    looks = {}
    for file in changes.files:
        language = language_of(file.path)
        language = language if language in ANALYSED else TEXT
        for blob in (file.before, file.after):
            if blob is not None:
                looks[blob] = Look(language, Wanted(tools_for(language, (NUMBERS, *FINDERS))))
    found: dict[str, dict[str, list[Row]]] = {}
    for part in Analysts(changes.clone, looks, scratch, secret, limits).parts(workers, progress):
        for name, rows in part.tables().items():
            for row in rows.to_pylist():
                found.setdefault(name, {}).setdefault(row["blob_id"], []).append(row)
    return found


def _keys(found: Mapping[str, Mapping[str, list[Row]]], blob: str | None) -> Iterator[tuple[object, ...]]:
    if blob is None:
        return
    for row in _findings(found, blob):
        yield _key(row, _function(found, blob, row["line"]))


def _findings(found: Mapping[str, Mapping[str, list[Row]]], blob: str) -> list[Row]:
    """Those of a blob; what was followed to a place is not told again as a pattern there."""
    rows = found.get("code_findings", {}).get(blob, [])
    followed = {(row["line"], WEAKNESS.get(row["cwe"], row["cwe"])) for row in rows if row["tool"] == TAINT}
    return [row for row in rows if row["tool"] == TAINT or (row["line"], row["cwe"]) not in followed]


def _key(row: Row, function: str | None) -> tuple[object, ...]:
    return (row["tool"], row["rule"], function, row["snippet_hash"] or row["message"])


def _function(found: Mapping[str, Mapping[str, list[Row]]], blob: str, line: int) -> str | None:
    """The innermost function or class around a line."""
    around = [
        row for row in found.get("code_functions", {}).get(blob, []) if row["start_line"] <= line <= row["end_line"]
    ]
    return max(around, key=lambda row: int(row["start_line"]))["qualified_name"] if around else None


def _fresh(
    found: Mapping[str, Mapping[str, list[Row]]], files: list[Changed], before: Counter[tuple[object, ...]]
) -> tuple[list[Place], int]:
    """Findings that were not there, and how many are there no more."""
    left = Counter(before)
    fresh: list[Place] = []
    for file in files:
        assert file.after is not None
        # those on old lines first: they are the ones that were there
        for row in sorted(_findings(found, file.after), key=lambda row: row["line"] in file.lines):
            function = _function(found, file.after, row["line"])
            key = _key(row, function)
            if left[key] > 0:
                left[key] -= 1
            else:
                fresh.append(_place(file.path, row, function))
    return fresh, left.total()


def _place(path: str, row: Row, function: str | None) -> Place:
    return Place(
        path, row["line"], row["rule"], row["message"], row["severity"], row["tool"], function, row["cwe"]
    )  # fmt: skip


def _touched(found: Mapping[str, Mapping[str, list[Row]]], files: list[Changed]) -> Iterator[Place]:
    """Functions with a new line, with their cyclomatic complexity."""
    for file in files:
        for row in found.get("code_functions", {}).get(file.after or "", []):
            if row["kind"] != "class" and not file.lines.isdisjoint(range(row["start_line"], row["end_line"] + 1)):
                name, complexity = row["qualified_name"], row["cyclomatic_complexity"]
                title = f"{name} has a cyclomatic complexity of {complexity}."
                yield Place(
                    file.path, row["start_line"], "complexity", title, "medium", NUMBERS, name, None, complexity
                )


def _suppressions(found: Mapping[str, Mapping[str, list[Row]]], blob: str | None) -> int:
    rows = found.get("code_file_metrics", {}).get(blob or "", [])
    return sum(row["suppressions"] or 0 for row in rows)


def _duplicated(changes: Changes, limits: Limits) -> int:
    """New lines that stand elsewhere in HEAD's tree too."""
    clone = changes.clone
    trees = Trees(clone, limits.commit_entries)
    root = clone.run("rev-parse", f"{clone.head}^{{tree}}").decode().strip()
    trees.read([root])
    if trees.problem(root):
        return 0
    lines = changes.lines
    copied: set[tuple[str, int]] = set()
    texts = read_texts(clone, code_of(Listing(trees).files(root)), limits)
    for row in duplicates(clone.head, texts).to_pylist():
        if row["kind"] == "exact" and row["path"] in lines:
            block = range(row["start_line"], row["end_line"] + 1)
            copied.update((row["path"], line) for line in block if line in lines[row["path"]])
    return len(copied)
