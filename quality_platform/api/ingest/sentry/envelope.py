"""An envelope's bytes into its header and its items: where each begins and ends, nothing of what is in it.

Belongs here: the framing (https://develop.sentry.dev/sdk/foundations/transport/envelopes/) and its bounds. Does not
belong here: payloads (`decode.py`), categories (`kinds.py`).

Lines: the envelope's header, then for each item its header and its payload. A payload is `length` bytes, or without
`length` the rest of the line. One broken item costs no other: a length that leads nowhere is read as the rest of the
line, and after a header that is none the next line that looks like one begins the next item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from quality_platform.api.ingest.contract import RefusedError

MOST_ITEMS = 1000
"""Clients put at most 100 into an envelope. Finding a million empty ones would hold up everybody for two seconds."""

MOST_HEADER_BYTES = 64 * 1024
MOST_TRIES = 100
"""Lines that are looked at for where to go on after a broken header; each costs a microsecond."""

_HEADER_NAMES = frozenset(
    ("type", "length", "content_type", "filename", "attachment_type", "item_count", "platform", "meta", "span_count")
)


@dataclass(frozen=True, slots=True)
class Item:
    """An item's header and where in the body its payload is. `fault` is a word for what is wrong with the framing."""

    type: str
    header: Mapping[str, Any]
    start: int
    end: int
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """The envelope's header and its items, in their order."""

    header: Mapping[str, Any]
    items: Sequence[Item]


def parse(body: bytes) -> Envelope:
    """The items of `body`. Raises RefusedError: 400 without a header, 413 for more than `MOST_ITEMS` items."""
    end, at = _line(body, 0)
    header = _object(body[:end]) if end <= MOST_HEADER_BYTES else None
    if header is None:
        raise RefusedError(400, "envelope", "An envelope begins with a line that holds a JSON object.")
    items: list[Item] = []
    size = len(body)
    while at < size:
        if len(items) >= MOST_ITEMS:
            raise too_many()
        item, at = _item(body, at)
        if item is not None:
            items.append(item)
    return Envelope(header, items)


def too_many() -> RefusedError:
    """The refusal of an envelope with too many items."""
    return RefusedError(
        413, "too_many", f"The envelope holds more than {MOST_ITEMS:,} items; send several.",
        items={"other": MOST_ITEMS + 1},
    )  # fmt: skip


def _item(body: bytes, at: int) -> tuple[Item | None, int]:
    """The item that begins at `at`, and where the next one begins; no item for empty lines."""
    end, after = _line(body, at)
    line = body[at:end]
    if not line.strip():
        return None, after
    header = _item_header(line)
    if header is None:
        return Item("", {}, at, end, "item_header"), _next_header(body, after)
    return _with_payload(header, body, after)


def _with_payload(header: Mapping[str, Any], body: bytes, start: int) -> tuple[Item, int]:
    length = header.get("length")
    if not isinstance(length, int) or length < 0:
        end, after = _line(body, start)
        return Item(header["type"], header, start, end), after
    end = start + length
    if end > len(body):
        return _cut_short(header, body, start)
    line_end, after = _line(body, end)
    # something else than a line's end there: counted in characters rather than bytes, for example
    return Item(header["type"], header, start, max(end, line_end)), after


def _cut_short(header: Mapping[str, Any], body: bytes, start: int) -> tuple[Item, int]:
    """An item that says that it is longer than the rest of the body."""
    if body[start : start + 1] == b"{":  # JSON has no line feed in it: what follows one is another item
        end, after = _line(body, start)
    else:
        end = after = len(body)
    return Item(header["type"], header, start, end, "truncated"), after


def _next_header(body: bytes, at: int) -> int:
    """Where the next line begins that can only be an item's header; the end where none is found in `MOST_TRIES`."""
    for _ in range(MOST_TRIES):
        found = body.find(b'"type"', at)
        if found < 0:
            break
        start = body.rfind(b"\n", at, found) + 1 or at
        end, at = _line(body, found)
        header = _item_header(body[start:end])
        if header is not None and _HEADER_NAMES.issuperset(header):
            return start
    return len(body)


def _item_header(line: bytes) -> dict[str, Any] | None:
    header = _object(line) if len(line) <= MOST_HEADER_BYTES else None
    return header if header is not None and isinstance(header.get("type"), str) else None


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _line(body: bytes, at: int) -> tuple[int, int]:
    """Where the line that begins at `at` ends, and where the next one begins."""
    newline = body.find(b"\n", at)
    if newline < 0:
        return len(body), len(body)
    end = newline - 1 if newline > at and body[newline - 1] == 13 else newline  # 13: CR
    return end, newline + 1
