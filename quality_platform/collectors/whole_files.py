"""Files that are read whole whenever they have changed, the newest reading of which is what they say.

Belongs here: when, and within which bounds. Does not belong here: what stands in them (`sarif/`, `reviews/`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from quality_platform.collectors.contract import Context, Task
from quality_platform.collectors.rows import table_of
from quality_platform.collectors.tail.sources import path_of
from quality_platform.errors import SourceError
from quality_platform.model.batch import ORIGINAL_LIMIT, Batch, Rejected, batch_id
from quality_platform.model.columns import Table

MOST_BYTES = 100 * 1024 * 1024


class WholeFile(NamedTuple):
    """A form of file: the collector's name and version, the table it fills, its name for people, and its reader.

    `read` gives rows in the order of the table's columns, and what was refused; ValueError where it is no such file.
    """

    collector: str
    version: str
    table: Table
    form: str
    read: Callable[[bytes], tuple[Sequence[tuple[Any, ...]], list[Rejected]]]

    def changed(self, task: Task, context: Context) -> bool:
        """Whether the file's time or size is another than when it was read."""
        cursor = context.history.cursor(task.source.source_id)
        try:
            return cursor is None or cursor.get("fingerprint") != _fingerprint(path_of(task))
        except OSError:
            return False

    def collect(self, task: Task, context: Context) -> Iterator[Batch]:
        """One batch with all that the file says. Raises SourceError where it cannot be opened."""
        path = path_of(task)
        cursor = context.history.cursor(task.source.source_id)
        try:
            mark = _fingerprint(path)
            if cursor is not None and cursor.get("fingerprint") == mark:
                return
            with Path(path).open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror}.") from None
        rows, rejected = self._read(path, content)
        digest = hashlib.sha256(content).hexdigest()
        yield Batch(
            batch_id=batch_id(task.source.source_id, digest, mark),
            source=task.source,
            collector=self.collector,
            collector_version=self.version,
            read_from={"fingerprint": mark, "digest": digest},
            tables={self.table.name: table_of(self.table, rows)},
            rejected=tuple(rejected),
        )

    def _read(self, path: str, content: bytes) -> tuple[Sequence[tuple[Any, ...]], list[Rejected]]:
        try:
            if len(content) > MOST_BYTES:
                raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
            return self.read(content)
        except (ValueError, RecursionError) as error:
            reason = f"it cannot be read as {self.form}: {str(error)[:200]}"
            return [], [Rejected(self.table.name, path, reason, None, content[:ORIGINAL_LIMIT])]


def _fingerprint(path: str) -> str:
    status = Path(path).stat()
    return f"{status.st_mtime_ns} {status.st_size}"
