"""Cutting a block of bytes into complete lines.

Belongs here: pure functions from bytes to lines and their places. Does not belong here: reading the bytes
(`reading.py`) or the meaning of a line (the parsers).
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate

LINE_LIMIT = 256 * 1024
"""Bytes of a line that are read; a longer one is refused."""

MAX_LINES = 50_000
"""Lines of one block, so of one batch."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Complete lines in order, without their line ends.

    `starts[i]` is the offset of line i; the last entry, one more than there are lines, is where they end.
    `oversized` lines are cut. `final` says that nothing will be added to the last line's record.
    """

    items: list[bytes]
    starts: list[int]
    number: int
    generation: int
    final: bool
    modified: float
    oversized: frozenset[int] = frozenset()
    memory: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cut:
    """What a block of bytes gave. `inside`: its end stands in a line that is too long. `whole`: nothing is left."""

    items: list[bytes]
    starts: list[int]
    oversized: frozenset[int]
    inside: bool
    whole: bool


def cut(data: bytes, offset: int, *, inside: bool, at_end: bool, closed: bool) -> Cut | None:
    """The complete lines of `data`, which stands at `offset`; None when there are none yet.

    `inside`: the data begins in the middle of a line that was refused. `at_end`: the file ends with the data.
    `closed`: the last line counts although its line end is missing.
    """
    if inside:
        newline = data.find(b"\n")
        if newline < 0:
            return Cut([], [offset + len(data)], frozenset(), inside=True, whole=at_end)
        data, offset = data[newline + 1 :], offset + newline + 1
    items = data.split(b"\n", MAX_LINES)
    rest = items.pop()
    if not items and not at_end and len(rest) > LINE_LIMIT:
        return Cut([rest[:LINE_LIMIT]], [offset, offset + len(rest)], frozenset((0,)), inside=True, whole=False)
    unterminated = bool(rest) and at_end and closed and b"\n" not in rest
    if unterminated:
        items.append(rest)
    if not items and not inside:
        return None
    starts = list(accumulate([len(item) + 1 for item in items], initial=offset))
    starts[-1] -= unterminated
    if offset == 0 and items:
        items[0] = items[0].removeprefix(codecs.BOM_UTF8)
    return Cut(items, starts, _shorten(items), inside=False, whole=at_end and (unterminated or not rest))


def _shorten(items: list[bytes]) -> frozenset[int]:
    """Cuts the lines that are too long and says which they were."""
    if max(map(len, items), default=0) <= LINE_LIMIT:
        return frozenset()
    oversized = frozenset(index for index, item in enumerate(items) if len(item) > LINE_LIMIT)
    for index in oversized:
        items[index] = items[index][:LINE_LIMIT]
    return oversized
