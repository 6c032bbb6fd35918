"""Which file to go on with when the one at a path is not the one that was read before.

Belongs here: rotation by renaming, truncation, truncation after a copy, links that move on. Does not belong
here: reading (`reading.py`). Compressed files are not read: rotate with a delay of one before compressing.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from quality_platform.collectors.tail.files import OpenFile, UnreadableFileError, opened, require_text
from quality_platform.collectors.tail.position import Position, beginning, position_of
from quality_platform.collectors.tail.reading import BLOCK, Pace, Parser, Reading, read_file
from quality_platform.model.time import from_epoch

_ADDED = re.compile(r"[.-]\d[\dT_.:-]*")
_INSERTED = re.compile(r"(.+?)[._-]\d{4}-?\d\d-?\d\d[\dT_.:-]*(\.[A-Za-z]\w{0,9})")

FUTURE = 3600.0
"""Seconds ahead of us after which a file's time is a wrong clock, and says nothing about its writer."""

FOLDER_LIMIT = 10_000
"""Entries of a folder that are looked through for a rotated file."""


def rotation_bases(name: str) -> Iterator[str]:
    """The names that a file may have had before rotation: of app.log.1, app.log-20260102 and
    app.2026-01-02_03.log it is app.log. A number alone before the ending (worker-1.log) is no rotation."""
    for index, character in enumerate(name):
        if index and character in ".-" and _ADDED.fullmatch(name, index):
            yield name[:index]
    inserted = _INSERTED.fullmatch(name)
    if inserted:
        yield inserted[1] + inserted[2]


def is_rotation_of(name: str, base: str) -> bool:
    """Whether the file `name` is what rotation makes of the file `base` in the same folder."""
    return base in rotation_bases(name)


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
        elif _continues(current, position):
            yield from read_file(current, position, pace, parse)
        else:
            yield from _read_replaced(current, position, now, pace, parse)


def _read_anew(file: OpenFile, generation: int, pace: Pace, parse: Parser) -> Iterator[Reading]:
    require_text(file)
    yield from read_file(file, beginning(file, generation), pace, parse)


def _read_replaced(
    current: OpenFile, position: Position, now: datetime, pace: Pace, parse: Parser
) -> Iterator[Reading]:
    """What is left of the earlier files, oldest first, then the current one from its beginning."""
    generation = position.generation
    with _earlier(current, position) as old:
        gap = old is None
        if old is not None:
            retired = Pace(_idle(old, now), retired=True, block=pace.block)
            yield from read_file(old, position, retired, parse)
            if not retired.record_settled:  # its writer may not have noticed the rotation yet
                return
            for path in _between(old, current):
                generation += 1
                with opened(path) as file:
                    yield from _read_anew(file, generation, Pace(_idle(file, now), True, pace.block), parse)
    for reading in _read_anew(current, generation + 1, pace, parse):
        yield Reading(reading.start, reading.end, reading.digest, reading.size, reading.parsed, gap)
        gap = False


def _idle(file: OpenFile, now: datetime) -> float:
    idle = (now - from_epoch(file.modified)).total_seconds()
    return math.inf if idle < -FUTURE else idle


def _matches(file: OpenFile, position: Position) -> bool:
    return file.size >= position.offset and file.fingerprint(position.offset) == position.fingerprint


def _continues(current: OpenFile, position: Position) -> bool:
    """Same content so far. Under another inode (a copy put in place) only if the earlier file is gone."""
    if not _matches(current, position):
        return False
    if (current.inode, current.device) == (position.inode, position.device):
        return True
    with _earlier(current, position) as old:
        return old is None


@contextmanager
def _earlier(current: OpenFile, position: Position) -> Iterator[OpenFile | None]:
    """The file that `position` stands in, under the name that it has now; None when it is gone."""
    for candidate in _candidates(current, position):
        with ExitStack() as stack:
            try:
                file = stack.enter_context(opened(candidate))
            except (UnreadableFileError, FileNotFoundError):
                continue
            if file.inode != current.inode and _matches(file, position):
                yield file
                return
    yield None


def _candidates(current: OpenFile, position: Position) -> list[str]:
    """Where the earlier file may be: its old name, then its inode, then the names that rotation gives."""
    base = Path(current.path).name
    entries = _entries(current.path)
    moved = [entry.path for entry in entries if entry.inode() == position.inode]
    copies = [entry for entry in entries if is_rotation_of(entry.name, base) and entry.inode() != position.inode]
    copies.sort(key=_modified, reverse=True)
    named = [] if position.path == current.real_path else [position.path]
    return [*named, *moved, *(entry.path for entry in copies)]


def _between(old: OpenFile, current: OpenFile) -> list[str]:
    """Files rotated away after `old` and before `current`, oldest first."""
    base = Path(current.path).name
    later = [
        entry
        for entry in _entries(current.path)
        if is_rotation_of(entry.name, base)
        and entry.inode() not in (old.inode, current.inode)
        and _modified(entry) > old.modified
    ]
    return [entry.path for entry in sorted(later, key=_modified)]


def _entries(path: str) -> list[os.DirEntry[str]]:
    """Regular files beside `path`."""
    found: list[os.DirEntry[str]] = []
    with os.scandir(Path(path).parent) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                found.append(entry)
            if len(found) >= FOLDER_LIMIT:
                break
    return found


def _modified(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return 0.0
