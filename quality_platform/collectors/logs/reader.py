"""The parser of log files: lines into rows of `raw.error_events`.

Belongs here: what is counted, kept and refused, and which time an event gets. Does not belong here: formats.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from quality_platform.collectors.instants import not_ahead
from quality_platform.collectors.logs import json_line, text_line, timestamps
from quality_platform.collectors.logs.event import LogEvent, Origin, event_identity, event_row
from quality_platform.collectors.logs.records import Form, JsonRecord, Record, RefusedRecord, TextRecord, group
from quality_platform.collectors.privacy.text import scrub
from quality_platform.collectors.rows import table_of
from quality_platform.collectors.tail.lines import Lines
from quality_platform.collectors.tail.reading import Parsed
from quality_platform.model.batch import ORIGINAL_LIMIT, Rejected
from quality_platform.model.tables_runtime import ERROR_EVENTS

LAST_TIME = "last_time"
"""What is remembered between batches: the newest time read, for tracebacks that carry none of their own."""


@dataclass(slots=True)
class _Block:
    """What becomes of one block of lines. `time` is the newest time read."""

    lines: Lines
    time: int | None
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class LogReader:
    """A parser for one file. An event without a time gets that of the line before it, or the file's."""

    form: Form
    origin: Origin
    now: datetime

    def __call__(self, lines: Lines) -> Parsed:
        """Takes every complete record, leaves the last one while it may go on."""
        remembered = lines.memory.get(LAST_TIME)
        block = _Block(lines, remembered if isinstance(remembered, int) else None)
        taken = len(lines.items)
        pending: Record | None = None
        for record in group(lines, self.form):
            if pending is not None:
                self._take(pending, block)
            pending = record
        if isinstance(pending, TextRecord) and not (lines.final or pending.is_full):
            taken = pending.start
        elif pending is not None:
            self._take(pending, block)
        block.counts["lines"] = taken
        memory = {} if block.time is None else {LAST_TIME: block.time}
        return Parsed(taken, table_of(ERROR_EVENTS, block.rows), tuple(block.rejected), dict(block.counts), memory)

    def _take(self, record: Record, block: _Block) -> None:
        if isinstance(record, RefusedRecord):
            block.rejected.append(self._refusal(record, block.lines))
            return
        if isinstance(record, JsonRecord):
            time, event = self._read_json(record, block.lines.items[record.start])
        else:
            time, event = self._read_text(record)
        block.time = time or block.time
        if event is None:
            block.counts["below_level"] += 1
        else:
            self._keep(event, record.start, block)

    def _read_json(self, record: JsonRecord, line: bytes) -> tuple[int | None, LogEvent | None]:
        fields = json_line.unwrapped(record.fields)
        below = json_line.is_below(fields, line)
        return json_line.json_time(fields), None if below else json_line.json_event(fields)

    def _read_text(self, record: TextRecord) -> tuple[int | None, LogEvent | None]:
        time = timestamps.parse_head(record.stamp, self.now) if record.stamp else None
        unwanted = self.form == "traceback" and record.trace is None
        return time, None if unwanted or text_line.is_below(record) else text_line.text_event(record)

    def _keep(self, event: LogEvent, index: int, block: _Block) -> None:
        lines = block.lines
        known = block.time if block.time is not None else round(lines.modified * 1e6)
        time, ahead = not_ahead(known, self.now)
        block.counts["clock_ahead"] += ahead
        identity = event_identity(self.origin, lines.generation, lines.starts[index], lines.items[index])
        row = event_row(event, self.origin, event_id=identity, time=time, line=lines.number + index)
        block.rows.append(row)

    def _refusal(self, record: RefusedRecord, lines: Lines) -> Rejected:
        text = lines.items[record.start][:ORIGINAL_LIMIT].decode("utf-8", "replace")
        return Rejected(
            table=ERROR_EVENTS.name,
            position=f"line {lines.number + record.start}",
            reason=record.reason,
            original=scrub(text).encode("utf-8", "replace")[:ORIGINAL_LIMIT],
        )
