"""From readings to batches, alike for every collector of files.

Belongs here: identity and provenance of the batches, and what happens to a file that cannot be read. Does not
belong here: the parsers (`logs/`, `events/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from quality_platform.collectors.contract import Context, Task
from quality_platform.collectors.tail.files import UnreadableFileError
from quality_platform.collectors.tail.following import read
from quality_platform.collectors.tail.position import Position
from quality_platform.collectors.tail.reading import Parser, Reading
from quality_platform.collectors.tail.sources import path_of
from quality_platform.model.batch import Batch, Rejected, batch_id

PEEK = 64 * 1024
"""Bytes that are parsed to see whether there is something new."""


@dataclass(frozen=True, slots=True)
class FileCollector:
    """What the collectors of files differ in. `parser` makes the parser of one source's lines."""

    name: str
    version: str
    table: str
    parser: Callable[[Task, Context], Parser]

    def changed(self, task: Task, context: Context) -> bool:
        """Whether `collect` would yield a batch."""
        cursor = _cursor(task, context)
        try:
            readings = read(path_of(task), cursor, context.now, self.parser(task, context), PEEK)
            return next(readings, None) is not None
        except FileNotFoundError:
            return False
        except UnreadableFileError as error:
            return (cursor or {}).get("refused") != str(error)

    def collect(self, task: Task, context: Context) -> Iterator[Batch]:
        """A batch per block of lines. A file that cannot be read gives one batch that says so, once."""
        cursor = _cursor(task, context)
        path = path_of(task)
        try:
            for reading in read(path, cursor, context.now, self.parser(task, context)):
                yield self._batch(task, reading)
                context.progress(path, reading.end.offset, reading.size)
        except FileNotFoundError:  # deleted since it was found
            return
        except UnreadableFileError as error:
            if (cursor or {}).get("refused") != str(error):
                yield self._refusal(task, dict(cursor or {}), str(error))

    def _batch(self, task: Task, reading: Reading) -> Batch:
        start, end, parsed = reading.start, reading.end, reading.parsed
        return Batch(
            batch_id=batch_id(task.source.source_id, *_identity(start, end), reading.digest),
            source=task.source,
            collector=self.name,
            collector_version=self.version,
            read_from={
                **end.as_cursor(),
                "from_offset": start.offset,
                "from_line": start.line + 1,
                "digest": reading.digest,
                "counts": dict(parsed.counts),
                "gap": reading.gap,
            },
            tables={self.table: parsed.rows},
            rejected=parsed.rejected,
        )

    def _refusal(self, task: Task, cursor: dict[str, Any], reason: str) -> Batch:
        read_from = {**cursor, "path": cursor.get("path", path_of(task)), "refused": reason}
        return Batch(
            batch_id=batch_id(task.source.source_id, "refused", read_from),
            source=task.source,
            collector=self.name,
            collector_version=self.version,
            read_from=read_from,
            tables={},
            rejected=(Rejected(self.table, "file", reason),),
        )


def _identity(start: Position, end: Position) -> tuple[object, ...]:
    return end.inode, end.generation, start.offset, end.offset


def _cursor(task: Task, context: Context) -> dict[str, object] | None:
    cursor = context.history.cursor(task.source.source_id)
    return None if cursor is None else dict(cursor)
