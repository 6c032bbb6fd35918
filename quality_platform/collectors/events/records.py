"""JSON lines and CSV into records: a mapping of names to values, with the place where it stood.

Belongs here: decoding. Does not belong here: which name means what (`usage_event.py`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from quality_platform.collectors.tail.lines import Lines

ROW_LINES = 100
"""Lines that one CSV row may span, so that a forgotten quote does not swallow the file."""

HEADER = "columns"
"""What is remembered between batches of a CSV file: the names and the delimiter of its first line."""

DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Item:
    """One record, or why there is none. `start` and `stop` are indexes of its lines."""

    start: int
    stop: int
    record: dict[str, Any] | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """A CSV file's first line."""

    names: tuple[str, ...]
    delimiter: str


def json_items(lines: Lines) -> Iterator[Item]:
    """One item per line that is not blank."""
    for index, line in enumerate(lines.items):
        if index in lines.oversized:
            yield Item(index, index + 1, None, "The line is longer than 256 KiB.")
        elif text := line.strip(b"\0 \t\r"):
            yield _json_item(index, text)


def _json_item(index: int, line: bytes) -> Item:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return Item(index, index + 1, None, f"The line is not valid JSON: {error.msg} at column {error.colno}.")
    if not isinstance(record, dict):
        return Item(index, index + 1, None, "The line is valid JSON, but not an object.")
    return Item(index, index + 1, record)


def read_header(line: bytes) -> Header:
    """The column names; the delimiter is the one of `, ; tab |` that occurs most."""
    text = line.decode("utf-8", "replace").rstrip("\r")
    delimiter = max(DELIMITERS, key=text.count)
    names = next(csv.reader([text], delimiter=delimiter), [])
    return Header(tuple(name.strip() for name in names), delimiter)


def csv_items(lines: Lines, header: Header, first: int) -> Iterator[Item]:
    """One item per row from line `first` on. Without `lines.final`, a quote still open at the end is left."""
    start = first
    while start < len(lines.items):
        rows = _Rows(lines, start, header.delimiter)
        yield from rows.items(header)
        if rows.unfinished and not lines.final:
            return
        if rows.failure is not None:
            yield Item(rows.start, rows.start + 1, None, rows.failure)
        start = rows.start + 1 if rows.failure is not None else len(lines.items)


class _Rows:
    """Rows from one line on until a row fails; then `failure` says why and `start` where."""

    def __init__(self, lines: Lines, start: int, delimiter: str) -> None:
        self._lines = lines
        self._next = start
        self._delimiter = delimiter
        self.start = start
        self.failure: str | None = None
        self.unfinished = False

    def items(self, header: Header) -> Iterator[Item]:
        reader = csv.reader(self._feed(), delimiter=self._delimiter, strict=True)
        try:
            for row in reader:
                if row:
                    yield self._item(row, header)
                self.start = self._next
        except csv.Error as error:
            at_end = self._next >= len(self._lines.items) and self._next - self.start <= ROW_LINES
            self.unfinished = at_end and "unexpected end of data" in str(error)
            self.failure = f"The row is not valid CSV: {error}."

    def _feed(self) -> Iterator[str]:
        while self._next < len(self._lines.items) and self._next - self.start < ROW_LINES:
            index = self._next
            self._next += 1
            if index in self._lines.oversized:
                raise csv.Error("the line is longer than 256 KiB")
            yield self._lines.items[index].decode("utf-8", "replace").strip("\0") + "\n"

    def _item(self, row: list[str], header: Header) -> Item:
        if len(row) != len(header.names):
            reason = f"The row has {len(row)} fields, the header has {len(header.names)}."
            return Item(self.start, self._next, None, reason)
        return Item(self.start, self._next, dict(zip(header.names, row, strict=True)))
