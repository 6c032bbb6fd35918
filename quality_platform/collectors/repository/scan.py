"""What a scan starts from: where the repository is and stands, and what was read before.

Belongs here: the cheap look that tells whether there is anything to do, and the form of a repository's batches.
Does not belong here: copying, reading and analysing (`collect.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from quality_platform.analysis.tools import ALWAYS, NUMBERS, TREE, Wanted
from quality_platform.collectors.contract import Context, Task
from quality_platform.collectors.repository.coverage.reports import Report, find_reports
from quality_platform.collectors.repository.cursor import Cursor, cursor_of
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.repository.location import Location, locate
from quality_platform.collectors.repository.remote import Head, read_head
from quality_platform.model.batch import Batch, Rejected, batch_id
from quality_platform.model.configuration import RepositorySource

NAME = "repository"
VERSION = "2"


@dataclass(frozen=True, slots=True)
class Scan:
    """One look at a repository. `history` is how many commits to read, `before` what the last batch said."""

    task: Task
    context: Context
    limits: Limits
    location: Location
    head: Head
    history: int
    before: Cursor
    reports: Mapping[str, Report]
    wanted: Wanted
    is_first: bool

    @property
    def is_needed(self) -> bool:
        """Whether there is anything new."""
        return self.before.is_behind(self.head, self.history, self.reports, self.versions)

    @property
    def versions(self) -> dict[str, str]:
        """Everybody who looks, in the present version: at contents, at manifests, at HEAD as a whole."""
        return self.wanted.versions | Wanted(ALWAYS, self.wanted.numbers).versions

    @property
    def is_repeated(self) -> bool:
        """Whether files that were looked at before are to be looked at again, by other tools."""
        contents = {tool: version for tool, version in self.versions.items() if tool != TREE}
        return self.before.head is not None and self.before.lacks(contents)

    @property
    def is_head_new(self) -> bool:
        """Whether HEAD as a whole is to be looked at."""
        is_new = self.is_first or self.before.head != self.head.sha
        return is_new or self.before.tools.get(TREE) != self.versions[TREE]

    @property
    def tools_reached(self) -> dict[str, str]:
        """The tools that will have looked at every file once this scan is complete."""
        moved = self.before.head != self.head.sha or self.before.history < self.history
        kept = {} if moved or not self.before.complete else dict(self.before.tools)
        return kept | self.versions

    @property
    def place(self) -> Path:
        """Where the clone is kept."""
        return place_of(self.task, self.context)

    def known(self, table: str, column: str, **where: str) -> frozenset[str]:
        """What the lake holds already, of the rows whose columns have the values in `where`."""
        if self.is_first:
            return frozenset()
        return self.context.history.known(table, column, self.task.source.project, where)

    def batch(
        self,
        identity: Iterable[object],
        read: Mapping[str, object],
        tables: Mapping[str, pa.Table],
        rejected: Iterable[Rejected] = (),
    ) -> Batch:
        """A batch known by `identity`, that read what `read` says."""
        source = self.task.source
        return Batch(
            batch_id=batch_id(NAME, source.project, VERSION, *identity),
            source=source,
            collector=NAME,
            collector_version=VERSION,
            read_from={"url": self.location.shown, **read},
            tables={name: rows for name, rows in tables.items() if rows.num_rows},
            rejected=tuple(rejected),
        )


def start(task: Task, context: Context, limits: Limits) -> Scan:
    """Look at the repository without copying anything. Raises SourceError when it cannot be read."""
    options = task.options
    assert isinstance(options, RepositorySource)
    location = locate(options.url)
    newest = context.history.cursor(task.source.source_id)
    before = cursor_of(newest)
    reports = find_reports(location.folder, before.reports, limits.report_bytes)
    history = options.history or context.default_history
    wanted = Wanted((NUMBERS, *options.findings), options.numbers)
    return Scan(task, context, limits, location, read_head(location), history, before, reports, wanted, newest is None)


def place_of(task: Task, context: Context) -> Path:
    """Where the clone of the task's repository is kept."""
    return context.scratch / f"{task.source.project}.git"
