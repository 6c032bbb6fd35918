"""Reading one open file from a position, block by block.

Belongs here: moving a position forward while a parser takes lines. Does not belong here: which file to read
(`following.py`), or what becomes of the lines (`batches.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from quality_platform.collectors.tail.files import OpenFile
from quality_platform.collectors.tail.lines import Cut, Lines, cut
from quality_platform.collectors.tail.position import Position
from quality_platform.model.batch import Rejected

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 16 * 1024 * 1024
"""Bytes of one block, so of one batch. No record of any parser may be longer."""

RECORD_SETTLES = 5.0
"""Seconds without a write after which the last record is taken as complete."""

LINE_SETTLES = 60.0
"""Seconds without a write after which a last line without its line end is taken as complete."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser made of the first `taken` lines of a block.

    `counts` and `memory` are kept in the batch's `read_from`; `memory` comes back with the next lines.
    """

    taken: int
    rows: pa.Table
    rejected: tuple[Rejected, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    memory: Mapping[str, object] = field(default_factory=dict)


Parser = Callable[[Lines], Parsed]
"""May leave lines that belong to an unfinished record, unless the lines are `final`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A block that was read: from where to where, the digest of its bytes, what the parser made of it."""

    start: Position
    end: Position
    digest: str
    size: int
    parsed: Parsed
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """`idle`: seconds since the last write. `retired`: the file was rotated away. `block`: bytes to read at once."""

    idle: float
    retired: bool = False
    block: int = BLOCK

    @property
    def line_settled(self) -> bool:
        """Whether a last line without line end is complete."""
        return self.idle > (RECORD_SETTLES if self.retired else LINE_SETTLES)

    @property
    def record_settled(self) -> bool:
        """Whether the last record is complete."""
        return self.idle > RECORD_SETTLES


def read_file(file: OpenFile, position: Position, pace: Pace, parse: Parser) -> Iterator[Reading]:
    """The readings from `position` to where the file ended when it was opened."""
    block = pace.block
    while position.offset < file.size:
        data = file.read(position.offset, min(block, file.size - position.offset))
        if not data:  # truncated since it was opened; the next reading sees to that
            return
        at_end = position.offset + len(data) >= file.size
        reading = _step(file, position, data, pace, parse, at_end=at_end)
        if reading is not None:
            yield reading
            position = reading.end
        elif at_end or block >= BLOCK:
            return
        else:
            block = min(BLOCK, block * 4)


def _step(
    file: OpenFile, position: Position, data: bytes, pace: Pace, parse: Parser, *, at_end: bool
) -> Reading | None:
    """One block; None when the parser took nothing."""
    piece = cut(data, position.offset, inside=position.inside, at_end=at_end, closed=pace.line_settled)
    if piece is None:
        return None
    parsed = parse(_lines(piece, position, file, final=piece.whole and pace.record_settled))
    end = _after(file, position, piece, parsed)
    if end.offset == position.offset:
        return None
    digest = hashlib.sha256(memoryview(data)[: end.offset - position.offset]).hexdigest()
    return Reading(position, end, digest, file.size, parsed)


def _lines(piece: Cut, position: Position, file: OpenFile, *, final: bool) -> Lines:
    return Lines(
        items=piece.items,
        starts=piece.starts,
        number=position.line + 1,
        generation=position.generation,
        final=final,
        modified=file.modified,
        oversized=piece.oversized,
        memory=position.memory,
    )


def _after(file: OpenFile, position: Position, piece: Cut, parsed: Parsed) -> Position:
    offset = piece.starts[parsed.taken]
    return replace(
        position,
        path=file.real_path,
        inode=file.inode,
        device=file.device,
        offset=offset,
        line=position.line + parsed.taken,
        fingerprint=file.fingerprint(offset),
        inside=piece.inside and parsed.taken == len(piece.items),
        memory=dict(parsed.memory),
    )
