"""Turns new coverage reports of a checkout into rows for the commit at HEAD.

Belongs here: reading the files within their limits, in a worker process, and refusing what cannot be read. Does
not belong here: formats (`formats.py`, `data.py`) and names (`paths.py`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from quality_platform.collectors.repository.coverage import formats
from quality_platform.collectors.repository.coverage.formats import FileCoverage, Measured, ranges
from quality_platform.collectors.repository.coverage.paths import Names
from quality_platform.collectors.repository.coverage.reports import FORMATS, Report
from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.languages import PYTHON, language_of
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.repository.objects import contents, sizes
from quality_platform.collectors.repository.patch import empty_tree, read_patch
from quality_platform.collectors.repository.pool import Pool
from quality_platform.collectors.repository.worker import Call
from quality_platform.model.batch import ORIGINAL_LIMIT, Rejected

Row = tuple[str, str, str, str, int, int, int | None, int | None, str | None, str | None, str | None, int]
T = TypeVar("T")


class UnusableReportError(Exception):
    """A report cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the reports of one checkout, whose HEAD is the clone's. `files` maps HEAD's paths to their blobs."""

    clone: Clone
    checkout: Path
    files: Mapping[str, str]
    limits: Limits
    now: datetime

    def read(self, reports: Mapping[str, Report]) -> tuple[list[Row], list[Rejected]]:
        """Rows of `code_coverage`, and the reports that could not be read. Raises GitError."""
        rows: list[Row] = []
        rejected: list[Rejected] = []
        names = Names(self.files, self.checkout)
        for name, report in reports.items():
            content = b""
            try:
                content = self._content(name)
                rows += self._rows(name, report, content, names)
            except UnusableReportError as error:
                rejected.append(Rejected("code_coverage", name, str(error), None, content[:ORIGINAL_LIMIT]))
        return rows, rejected

    def _content(self, name: str) -> bytes:
        try:
            with (self.checkout / name).open("rb") as file:
                content = file.read(self.limits.report_bytes + 1)
        except OSError as error:
            raise UnusableReportError(f"the report cannot be read: {error.strerror}") from error
        if len(content) > self.limits.report_bytes:
            raise UnusableReportError(f"the report is larger than {self.limits.report_bytes:,} bytes")
        return content

    def _rows(self, name: str, report: Report, content: bytes, names: Names) -> list[Row]:
        measured = self._data(content, names) if name == ".coverage" else self._text(name, content)
        best: dict[str, FileCoverage] = {}
        for file in measured.files:
            path = names.find(file.path, measured.roots)
            _require_plausible(file)
            # several runs may name one file differently; the fullest stands for it
            if path and (path not in best or file.lines_covered > best[path].lines_covered):
                best[path] = file
        if measured.files and not best:
            raise _stranger(len(measured.files))
        written = min(report.modified // 1000, int(self.now.timestamp() * 1_000_000))
        brought = self._brought(best)
        return [
            (self.clone.head, path, name, FORMATS[name], *file[1:], brought[path], written)
            for path, file in sorted(best.items())
        ]

    def _brought(self, paths: Collection[str]) -> dict[str, str | None]:
        """New lines of HEAD in these files, against its first parent; None where the clone lacks the parent."""
        parents = self.clone.run("rev-list", "--parents", "--max-count=1", self.clone.head).decode("ascii").split()[1:]
        if not parents and self.clone.shallow:
            return dict.fromkeys(paths)
        base = parents[0] if parents else empty_tree(self.clone)
        changed = {file.path: ranges(file.lines) for file in read_patch(self.clone, base, paths)}
        return {path: changed.get(path, "") for path in paths}

    def _text(self, name: str, content: bytes) -> Measured:
        return self._call(Measured, formats.read_text_report, FORMATS[name], content)

    def _data(self, content: bytes, names: Names) -> Measured:
        """Two calls on a copy: which files it knows, then their numbers from their sources at HEAD."""
        from quality_platform.collectors.repository.coverage import data

        with tempfile.TemporaryDirectory(dir=self.clone.folder.parent) as folder:
            copy = Path(folder) / "data"
            copy.write_bytes(content)
            known = self._call(list, data.measured_files, str(copy))
            paths = {name: path for name in known if (path := names.find(name))}
            if known and not paths:
                raise _stranger(len(known))
            return Measured(tuple(self._call(list, data.measure, str(copy), self._sources(paths))))

    def _sources(self, paths: Mapping[str, str]) -> dict[str, bytes]:
        """Content of the Python files among `paths`, as long as they are not too large."""
        wanted = {name: self.files[path] for name, path in paths.items() if language_of(path) == PYTHON}
        found = sizes(self.clone, list(dict.fromkeys(wanted.values())))
        small = [(blob, size) for blob, size in found.items() if size <= self.limits.file_bytes]
        texts = dict(contents(self.clone, small))
        return {name: texts[blob] for name, blob in wanted.items() if blob in texts}

    def _call(self, kind: type[T], function: Callable[..., object], *arguments: object) -> T:
        call = Call(function.__name__, function, arguments, self.limits.report_seconds)
        with Pool(1, list, self.limits.file_memory) as pool:
            answer = next(pool.map([call]))
        if not isinstance(answer.value, kind):
            raise UnusableReportError(f"the report cannot be read: {answer.detail or answer.failure}")
        return answer.value


def _stranger(count: int) -> UnusableReportError:
    return UnusableReportError(f"none of its {count} files stands in the repository's HEAD")


def _require_plausible(file: FileCoverage) -> None:
    pairs = ((file.lines_covered, file.lines_executable), (file.branches_covered or 0, file.branches_total or 0))
    if not all(0 <= covered <= total < 2**31 for covered, total in pairs):
        raise UnusableReportError(f"its numbers for {file.path[:200]} cannot be: {tuple(file[1:5])}")
