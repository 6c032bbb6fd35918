"""Following a path: what was appended, and what stood there in between.

Belongs here: the order in which files are read. Does not belong here: finding them (`rotation.py`) or reading
one (`reading.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

from quality_platform.collectors.tail.files import OpenFile, opened, require_text
from quality_platform.collectors.tail.position import Position, beginning, position_of
from quality_platform.collectors.tail.reading import BLOCK, Pace, Parser, Reading, read_file
from quality_platform.collectors.tail.rotation import Chain, earlier_files, matches
from quality_platform.model.time import from_epoch

FUTURE = 3600.0
"""Seconds ahead of us after which a file's time is a wrong clock, and says nothing about its writer."""


def read(
    path: str, cursor: dict[str, object] | None, now: datetime, parse: Parser, block: int = BLOCK
) -> Iterator[Reading]:
    """The readings from where `cursor` (the newest batch's `read_from`) stopped to the file's end.

    Raises UnreadableFileError, and FileNotFoundError when there is no file at `path`.
    """
    position = position_of(cursor)
    with opened(path) as current:
        pace = Pace(_idle(current, now), block=block)
        if position is None:
            yield from _read_anew(current, 0, pace, parse)
        elif current.inode == position.inode and matches(current, position):
            yield from read_file(current, position, pace, parse)
        else:
            yield from _read_replaced(current, position, now, pace, parse)


def _read_anew(file: OpenFile, generation: int, pace: Pace, parse: Parser) -> Iterator[Reading]:
    require_text(file)
    yield from read_file(file, beginning(file, generation), pace, parse)


def _read_replaced(
    current: OpenFile, position: Position, now: datetime, pace: Pace, parse: Parser
) -> Iterator[Reading]:
    """The current file is not the one that was read: it was rotated, truncated, or replaced by a grown copy."""
    with ExitStack() as stack:
        chain = earlier_files(stack, current, position)
        if chain is None:
            return
        if chain.files:
            yield from _read_chain(chain, current, position, now, pace, parse)
        elif matches(current, position):
            yield from read_file(current, position, pace, parse)
        else:
            for number, reading in enumerate(_read_anew(current, position.generation + 1, pace, parse)):
                yield replace(reading, gap=number == 0)


def _read_chain(
    chain: Chain, current: OpenFile, position: Position, now: datetime, pace: Pace, parse: Parser
) -> Iterator[Reading]:
    """What is left of the earlier files, oldest first, then the current one from its beginning."""
    old, *later = chain.files
    retired = Pace(_idle(old, now), retired=True, block=pace.block)
    yield from read_file(old, position, retired, parse)
    if not retired.record_settled:  # its writer may not have noticed the rotation yet
        return
    for generation, file in enumerate(later, position.generation + 1):
        yield from _read_anew(file, generation, Pace(_idle(file, now), retired=True, block=pace.block), parse)
    if chain.complete:
        yield from _read_anew(current, position.generation + len(chain.files), pace, parse)


def _idle(file: OpenFile, now: datetime) -> float:
    """Seconds since the file was written to."""
    idle = (now - from_epoch(file.modified)).total_seconds()
    return math.inf if idle < -FUTURE else idle
