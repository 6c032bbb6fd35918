"""Reads coverage.py's own data file, which says what ran but not what could: that is found in the sources.

Belongs here: coverage.py's analysis on a copy of the file and on sources in memory. Runs in a worker process. The
repository's own coverage configuration is not read, so extra exclusions that it names are not applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from coverage import CoverageData
from coverage.config import DEFAULT_EXCLUDE, DEFAULT_PARTIAL, DEFAULT_PARTIAL_ALWAYS
from coverage.exceptions import CoverageException
from coverage.parser import PythonParser
from coverage.plugin import FileReporter
from coverage.results import analysis_from_file_reporter

from quality_platform.analysis.python.text import decoded
from quality_platform.collectors.repository.coverage.formats import FileCoverage, ranges

if TYPE_CHECKING:
    from coverage.types import TArc, TLineNo


def measured_files(path: str) -> list[str]:
    """The files that the data file at `path` knows. Raises ValueError when it is none."""
    return sorted(_opened(path).measured_files())


def measure(path: str, sources: Mapping[str, bytes]) -> list[FileCoverage]:
    """Coverage of each file in `sources`, which maps a name in the data file to the file's content.

    A file that does not parse is left out: coverage.py has no numbers for it either.
    """
    return list(_measured(_opened(path), sources))


def _opened(path: str) -> CoverageData:
    data = CoverageData(path, read_only=True)
    try:
        data.read()
    except CoverageException as error:
        raise ValueError(str(error)) from error
    return data


def _measured(data: CoverageData, sources: Mapping[str, bytes]) -> Iterator[FileCoverage]:
    for name, content in sources.items():
        try:
            analysis = analysis_from_file_reporter(data, 0, Source(name, content), name)
        except CoverageException:
            continue
        numbers = analysis.numbers
        branches = (numbers.n_branches, numbers.n_executed_branches) if data.has_arcs() else (None, None)
        ran, missed = ranges(analysis.executed & analysis.statements), ranges(analysis.missing)
        yield FileCoverage(name, numbers.n_statements, numbers.n_executed, branches[0], branches[1], ran, missed)


class Source(FileReporter):
    """A Python file in memory, for coverage.py. Raises NotPython when it does not parse."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(name)
        text = decoded(content.replace(b"\f", b" "))
        self._parser = PythonParser(text=f"{text.rstrip()}\n", filename=name, exclude=_any(DEFAULT_EXCLUDE))
        self._parser.parse_source()

    def lines(self) -> set[TLineNo]:
        """Executable lines."""
        return self._parser.statements

    def excluded_lines(self) -> set[TLineNo]:
        """Lines that a comment takes out."""
        return self._parser.excluded

    def translate_lines(self, lines: Iterable[TLineNo]) -> set[TLineNo]:
        """Lines as the first lines of their statements."""
        return self._parser.translate_lines(lines)

    def translate_arcs(self, arcs: Iterable[TArc]) -> set[TArc]:
        """Jumps between lines, likewise."""
        return self._parser.translate_arcs(arcs)

    def arcs(self) -> set[TArc]:
        """Jumps that are possible."""
        return self._parser.arcs()

    def exit_counts(self) -> dict[TLineNo, int]:
        """Ways out of each line."""
        return self._parser.exit_counts()

    def no_branch_lines(self) -> set[TLineNo]:
        """Lines whose branches do not count."""
        return self._parser.lines_matching(_any([*DEFAULT_PARTIAL, *DEFAULT_PARTIAL_ALWAYS]))


def _any(patterns: list[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)
