"""Lines into records: one log entry with the lines that belong to it.

Belongs here: where a record begins and ends. Does not belong here: what it says (`text_line.py`, `json_line.py`).

Only the lines since the record's first one decide, so that a file read in any pieces gives the same records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from quality_platform.collectors.logs import levels, timestamps
from quality_platform.collectors.logs.continuation import TracebackState
from quality_platform.collectors.logs.foreign_stack import CAUSE
from quality_platform.collectors.logs.json_decode import decode_object
from quality_platform.collectors.logs.json_line import looks_like_log
from quality_platform.collectors.logs.python_traceback import HEADER, LINKS, START
from quality_platform.collectors.logs.syslog import SyslogLine, parse_syslog
from quality_platform.collectors.tail.lines import Lines

Form = Literal["auto", "json", "traceback", "syslog", "text"]

MAX_RECORD_LINES = 5_000
MAX_RECORD_CHARACTERS = 1024 * 1024

_ANSI = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")
_LEVEL_HEAD = re.compile(
    rf" ?[\[<(|]? ?(?:{'|'.join(name.upper() for name in levels.BY_NAME)}|Error|Warning|Fatal)[\]>)|:\s/]"
    r"|(?:level|lvl|severity)=\S"
)


_TRACEBACK = re.compile(rf"{re.escape(HEADER)}|  File \"")
_HEADED = re.compile(rf"<\d{{1,3}}>|{timestamps.HEAD.pattern}")


@dataclass(slots=True)
class TextRecord:
    """A log entry of text. `first` is its first line without syslog's header, `more` the lines that follow."""

    start: int
    first: str
    stamp: re.Match[str] | None
    syslog: SyslogLine | None
    levelled: bool
    more: list[str] = field(default_factory=list)
    trace: TracebackState | None = None
    size: int = 0

    @property
    def is_full(self) -> bool:
        """Whether it takes no further line."""
        return len(self.more) >= MAX_RECORD_LINES or self.size >= MAX_RECORD_CHARACTERS

    def add(self, line: str) -> None:
        """Takes a line that belongs to it."""
        self.more.append(line)
        self.size += len(line)
        if self.trace is not None:
            self.trace.feed(line)
        elif START.match(line):
            self.trace = TracebackState(line)


@dataclass(slots=True)
class JsonRecord:
    """A line that holds a JSON object."""

    start: int
    fields: dict[str, Any]


@dataclass(slots=True)
class RefusedRecord:
    """A line that cannot be read."""

    start: int
    reason: str


Record = TextRecord | JsonRecord | RefusedRecord


def group(lines: Lines, form: Form) -> Iterator[Record]:
    """The records in order. A `TextRecord` that comes last may not be complete yet, unless it is full."""
    opened: TextRecord | None = None
    for index, raw in enumerate(lines.items):
        closed = _closed_record(index, raw, form, oversized=index in lines.oversized)
        text = "" if closed and not _may_be_text(closed) else _text(raw)
        if opened is not None and (text or closed is None) and _joins(opened, text, form):
            continue
        if opened is not None:
            yield opened
        opened = None
        if closed is not None:
            yield closed
        elif text:
            opened = _begin(index, text, form)
    if opened is not None:
        yield opened


def _closed_record(index: int, raw: bytes, form: Form, *, oversized: bool) -> Record | None:
    """The record of a line that stands for itself; None for text, blank lines included."""
    if oversized:
        return RefusedRecord(index, "The line is longer than 256 KiB.")
    if form == "json":
        return _json_record(index, raw)
    if form != "auto" or raw[:1] != b"{":
        return None
    fields = decode_object(raw)
    return None if isinstance(fields, str) else JsonRecord(index, fields)


def _may_be_text(record: Record) -> bool:
    """Whether it may be an object within the message of an open record."""
    return isinstance(record, JsonRecord) and not looks_like_log(record.fields)


def _json_record(index: int, raw: bytes) -> Record | None:
    if not raw.strip(b"\0 \t\r"):
        return None
    fields = decode_object(raw.lstrip(b"\0"))
    return RefusedRecord(index, fields) if isinstance(fields, str) else JsonRecord(index, fields)


def _text(raw: bytes) -> str:
    text = raw.strip(b"\0").decode("utf-8", "replace").rstrip()
    return _ANSI.sub("", text) if "\x1b" in text else text


def _begin(index: int, line: str, form: Form) -> TextRecord:
    syslog = parse_syslog(line, certain=form == "syslog") if form in ("auto", "syslog") else None
    first = line if syslog is None else syslog.text
    stamp = timestamps.HEAD.match(line) if syslog is None else syslog.stamp
    levelled = bool(_LEVEL_HEAD.match(first))
    trace = TracebackState(first) if HEADER in first or START.match(first) else None
    return TextRecord(index, first, stamp, syslog, levelled, trace=trace, size=len(line))


def _joins(record: TextRecord, line: str, form: Form) -> bool:
    """Adds the line to the record if it belongs there."""
    if record.is_full:
        return False
    if record.syslog is not None and _HEADED.match(line):
        return _joins_syslog(record, record.syslog, line, form)
    belongs = not line or (not _HEADED.match(line) and _continues(record, line))
    if belongs:
        record.add(line)
    return belongs


def _joins_syslog(record: TextRecord, owner: SyslogLine, line: str, form: Form) -> bool:
    """A service's traceback comes as one syslog line per line, each with the header."""
    if record.trace is None and not _TRACEBACK.search(line):
        return False
    following = parse_syslog(line, certain=form == "syslog")
    if following is None or following.tag != owner.tag or not _continues_tagged(record, following.text):
        return False
    record.add(following.text)
    return True


def _continues_tagged(record: TextRecord, text: str) -> bool:
    if record.trace is not None:
        return not text or record.trace.wants_exception_line(text) or record.trace.accepts(text, alone=True)
    return bool(START.match(text)) and levels.guess(record.first) is not None


def _continues(record: TextRecord, line: str) -> bool:
    """Whether a line without a time belongs to the record before it."""
    if record.trace is not None and record.trace.wants_exception_line(line):
        return True
    if _LEVEL_HEAD.match(line):
        return False
    if record.stamp is not None or line in LINKS or line.startswith(CAUSE):
        return True
    if record.trace is not None:
        return record.trace.accepts(line)
    if START.match(line):
        return record.levelled or levels.guess(record.first) is not None
    return line[:1] in (" ", "\t")
