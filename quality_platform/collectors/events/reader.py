"""The parser of event files: lines into rows of `raw.usage_events`.

Belongs here: rows, refusals and counts of one block of lines. Does not belong here: what one event is
(`usage_event.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from quality_platform.collectors.events.records import HEADER, Header, Item, csv_items, json_items, read_header
from quality_platform.collectors.events.usage_event import EventReader, RefusedEventError, UsageEvent
from quality_platform.collectors.fields import printable
from quality_platform.collectors.rows import table_of
from quality_platform.collectors.tail.lines import Lines
from quality_platform.collectors.tail.reading import Parsed
from quality_platform.model.batch import ORIGINAL_LIMIT, Rejected
from quality_platform.model.tables_runtime import USAGE_EVENTS

_VALUES = re.compile(rb"[^\s\"',;:|{}\[\]]+")
"""What a line that cannot be read is shown without: its shape helps, its values may be anybody's."""


@dataclass(slots=True)
class _Block:
    """What becomes of one block of lines."""

    lines: Lines
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class EventFileReader:
    """A parser for one file."""

    source_id: str
    path: str
    is_csv: bool
    reader: EventReader

    def __call__(self, lines: Lines) -> Parsed:
        """Takes every complete record; a CSV row whose quote is still open is left."""
        block = _Block(lines)
        memory, first, items = self._csv(lines) if self.is_csv else ({}, 0, json_items(lines))
        taken = first
        for item in items:
            self._take(item, block)
            taken = item.stop
        taken = self._end(lines, taken)
        block.counts["lines"] = taken
        return Parsed(taken, table_of(USAGE_EVENTS, block.rows), tuple(block.rejected), dict(block.counts), memory)

    def _csv(self, lines: Lines) -> tuple[dict[str, object], int, Iterator[Item]]:
        columns = lines.memory.get(HEADER)
        if isinstance(columns, dict):
            header, first = Header(tuple(columns["names"]), columns["delimiter"]), 0
        elif lines.items:
            header, first = read_header(lines.items[0]), 1
        else:
            return {}, 0, iter(())
        memory: dict[str, object] = {HEADER: {"names": list(header.names), "delimiter": header.delimiter}}
        return memory, first, csv_items(lines, header, first)

    def _end(self, lines: Lines, taken: int) -> int:
        """Everything is taken where no row can be open, otherwise blank lines after the last record are."""
        if not self.is_csv or lines.final:
            return len(lines.items)
        while taken < len(lines.items) and not lines.items[taken].strip():
            taken += 1
        return taken

    def _take(self, item: Item, block: _Block) -> None:
        if item.record is None:
            original = b"\n".join(block.lines.items[item.start : item.stop])[:ORIGINAL_LIMIT]
            self._refuse(item, block, item.reason, None, _VALUES.sub(b"x", original))
            return
        try:
            event = self.reader.read(item.record)
        except RefusedEventError as refusal:
            original = self.reader.shown(item.record).encode("utf-8", "replace")
            self._refuse(item, block, str(refusal), refusal.field, original)
            return
        block.counts["clock_ahead"] += event.clock_ahead
        block.counts["cut"] += event.cut
        block.rows.append(self._row(event, item, block.lines))

    def _refuse(self, item: Item, block: _Block, reason: str, name: str | None, original: bytes) -> None:
        position = f"line {block.lines.number + item.start}"
        block.rejected.append(Rejected(USAGE_EVENTS.name, position, reason, name, original))

    def _row(self, event: UsageEvent, item: Item, lines: Lines) -> tuple[Any, ...]:
        return (
            event.event_id or self._identity(item, lines),
            event.time,
            event.name,
            event.user_key,
            event.session,
            event.properties,
            event.feature,
            event.release,
            event.environment,
            printable(self.path, 4096),
            lines.number + item.start,
        )

    def _identity(self, item: Item, lines: Lines) -> str:
        """Stable identity of what stands at one place of one file: the same however the file is read."""
        place = f"{self.source_id}\0{lines.generation}\0{lines.starts[item.start]}\0".encode()
        return hashlib.sha256(place + b"\n".join(lines.items[item.start : item.stop])).hexdigest()[:32]
