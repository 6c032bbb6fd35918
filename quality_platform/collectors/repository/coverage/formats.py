"""Reads coverage reports that are text: Cobertura XML, LCOV, coverage.py's JSON. Runs in a worker process.

Belongs here: from the bytes of a report to numbers per file, named as in the report. Does not belong here:
coverage.py's data file (`data.py`), or which file of the repository is meant (`paths.py`).
"""

from __future__ import annotations

import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

CONDITIONS = re.compile(r"\((\d{1,9})/(\d{1,9})\)")


class FileCoverage(NamedTuple):
    """Lines and branches of one file; None for branches that were not measured."""

    path: str
    lines_executable: int
    lines_covered: int
    branches_total: int | None
    branches_covered: int | None
    executed: str | None = None
    """Lines that ran, as `1-3,7`; None where the report does not say which."""
    missing: str | None = None
    """Lines that could have run."""


def ranges(lines: Iterable[int]) -> str:
    """Line numbers as ranges, such as `1-3,7`."""
    found: list[list[int]] = []
    for line in sorted(set(lines)):
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def lines_of(text: str | None) -> Iterator[int]:
    """The reverse of `ranges`."""
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


@dataclass(slots=True)
class Tally:
    """Hits by line, and taken and possible branches by line (Cobertura) or branch (LCOV)."""

    lines: dict[int, int] = field(default_factory=dict)
    branches: dict[object, tuple[int, int]] = field(default_factory=dict)

    def hit(self, line: int, hits: int) -> None:
        """Count a line; one that is listed twice (per class, per test) ran when either says so."""
        self.lines[line] = max(hits, self.lines.get(line, 0))

    def branch(self, key: object, taken: int, possible: int) -> None:
        """Count the branches at a place."""
        old, _ = self.branches.get(key, (0, 0))
        self.branches[key] = (max(taken, old), possible)

    def result(self, path: str) -> FileCoverage:
        """The sums."""
        taken, possible = (sum(values) for values in zip((0, 0), *self.branches.values(), strict=True))
        branches = (possible, taken) if self.branches else (None, None)
        ran = [line for line, hits in self.lines.items() if hits > 0]
        missed = ranges(self.lines.keys() - set(ran))
        return FileCoverage(path, len(self.lines), len(ran), branches[0], branches[1], ranges(ran), missed)


@dataclass(frozen=True, slots=True)
class Measured:
    """Numbers by file, and the folders that relative paths may be meant from."""

    files: tuple[FileCoverage, ...]
    roots: tuple[str, ...] = ()


def read_text_report(form: str, content: bytes) -> Measured:
    """What a report says. Raises ValueError, KeyError or TypeError when it has another form."""
    if form == "cobertura":
        return _cobertura(content)
    return _lcov(content) if form == "lcov" else _json(content)


def _cobertura(content: bytes) -> Measured:
    from defusedxml.ElementTree import ParseError, iterparse

    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    roots: list[str] = []
    current = ""
    try:
        for event, element in iterparse(io.BytesIO(content), events=("start", "end")):
            if event == "start":
                current = element.get("filename", "") if element.tag == "class" else current
            elif element.tag == "line" and current:
                _cobertura_line(tallies[current], element.attrib)
            elif element.tag == "source" and element.text:
                roots.append(element.text.strip())
            elif element.tag == "class":
                element.clear()  # else the whole tree would stay in memory
    except ParseError as error:
        raise ValueError(str(error)) from error
    return Measured(tuple(tally.result(path) for path, tally in tallies.items()), tuple(roots[:20]))


def _cobertura_line(tally: Tally, attributes: dict[str, str]) -> None:
    number = int(attributes["number"])
    tally.hit(number, int(attributes["hits"]))
    if match := CONDITIONS.search(attributes.get("condition-coverage", "")):
        tally.branch(number, int(match[1]), int(match[2]))


def _lcov(content: bytes) -> Measured:
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    current: str | None = None
    for line in content.decode("utf-8", "surrogateescape").splitlines():
        kind, _, value = line.strip().partition(":")
        if kind == "SF":
            current = value
            tallies[current]  # a file without lines is a file
        elif kind == "DA" and current is not None:
            number, hits, *_ = value.split(",")
            tallies[current].hit(int(number), int(float(hits)))
        elif kind == "BRDA" and current is not None:
            number, block, branch, taken = value.split(",", 3)
            tallies[current].branch((number, block, branch), int(taken not in ("-", "0")), 1)
    if not tallies and content.strip():
        raise ValueError("it has no SF: line")
    return Measured(tuple(tally.result(path) for path, tally in tallies.items()))


def _json(content: bytes) -> Measured:
    return Measured(tuple(_json_files(json.loads(content))))


def _json_files(report: dict[str, Any]) -> Iterator[FileCoverage]:
    for path, entry in report["files"].items():
        summary = entry["summary"]
        branches = (
            (int(summary["num_branches"]), int(summary["covered_branches"]))
            if "num_branches" in summary
            else (None, None)
        )
        ran, missed = (
            ranges(int(line) for line in entry[name]) if isinstance(entry.get(name), list) else None
            for name in ("executed_lines", "missing_lines")
        )
        yield FileCoverage(
            path, int(summary["num_statements"]), int(summary["covered_lines"]), branches[0], branches[1], ran, missed
        )  # fmt: skip
