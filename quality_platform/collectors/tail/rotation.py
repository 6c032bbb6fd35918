"""Which files stood at a path before the one that stands there now.

Belongs here: the names that rotation gives, finding earlier files by inode and content. Does not belong here:
reading them (`following.py`). Compressed files are not found: rotate with a delay of one before compressing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from quality_platform.collectors.tail.files import OpenFile, UnreadableFileError, opened, require_text
from quality_platform.collectors.tail.position import Position

_ADDED = re.compile(r"[.-]\d[\dT_.:-]*")
_INSERTED = re.compile(r"(.+?)[._-]\d{4}-?\d\d-?\d\d[\dT_.:-]*(\.[A-Za-z]\w{0,9})")

FOLDER_LIMIT = 10_000
"""Entries of a folder that are looked through for earlier files."""

CHAIN_LIMIT = 100
"""Earlier files that are opened at once."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Earlier files, open, oldest first: the one that was read last, then those that came after it.

    Empty when the one that was read last is gone. `complete` is False when there are more of them.
    """

    files: tuple[OpenFile, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Neighbour:
    path: str
    inode: int
    modified: float


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


def matches(file: OpenFile, position: Position) -> bool:
    """Whether the file has the content that was read up to the position."""
    return file.size >= position.offset and file.fingerprint(position.offset) == position.fingerprint


def earlier_files(stack: ExitStack, current: OpenFile, position: Position) -> Chain | None:
    """The files that stood at the path of `current` from the one of `position` on, opened on `stack`.

    None while the files are being renamed: a name may have passed from one to the other between two looks, so
    nothing seen can be relied on, and the next reading will find them at rest.
    """
    seen = _neighbours(current, position)
    old = _find(stack, seen, current, position)
    later = [] if old is None else _later(seen, old, current)
    files = [] if old is None else [old, *_open(stack, later[:CHAIN_LIMIT])]
    if _identities(_neighbours(current, position)) != _identities(seen) or not _is_still_there(current):
        return None
    return Chain(tuple(files), complete=len(later) <= CHAIN_LIMIT)


def _neighbours(current: OpenFile, position: Position) -> list[_Neighbour]:
    """Regular files beside the current one that may be earlier ones: by name, or by inode."""
    base = Path(current.path).name
    found: list[_Neighbour] = []
    # a folder that may be entered but not listed shows none
    with suppress(PermissionError), os.scandir(Path(current.path).parent) as entries:
        for entry in islice(entries, FOLDER_LIMIT):
            known = entry.inode() == position.inode or is_rotation_of(entry.name, base)
            if known and entry.is_file(follow_symlinks=False):
                found.append(_Neighbour(entry.path, entry.inode(), _modified(entry)))
    return found


def _modified(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return 0.0


def _find(stack: ExitStack, seen: list[_Neighbour], current: OpenFile, position: Position) -> OpenFile | None:
    """The file of the position: under its old name, by its inode, or a copy under a name that rotation gives."""
    newest = sorted(seen, key=lambda neighbour: (neighbour.inode != position.inode, -neighbour.modified))
    named = [] if position.path == current.real_path else [position.path]
    for path in (*named, *(neighbour.path for neighbour in newest)):
        with ExitStack() as attempt:
            try:
                file = attempt.enter_context(opened(path))
            except (UnreadableFileError, FileNotFoundError):
                continue
            if file.inode != current.inode and matches(file, position):
                stack.push(attempt.pop_all())
                return file
    return None


def _later(seen: list[_Neighbour], old: OpenFile, current: OpenFile) -> list[_Neighbour]:
    """Files rotated away after `old`, oldest first."""
    base = Path(current.path).name
    later = [
        neighbour
        for neighbour in seen
        if is_rotation_of(Path(neighbour.path).name, base)
        and neighbour.inode not in (old.inode, current.inode)
        and neighbour.modified > old.modified
    ]
    return sorted(later, key=lambda neighbour: neighbour.modified)


def _open(stack: ExitStack, neighbours: list[_Neighbour]) -> Iterator[OpenFile]:
    for neighbour in neighbours:
        with suppress(UnreadableFileError, FileNotFoundError):
            file = stack.enter_context(opened(neighbour.path))
            require_text(file)
            yield file


def _identities(neighbours: list[_Neighbour]) -> set[tuple[str, int]]:
    return {(neighbour.path, neighbour.inode) for neighbour in neighbours}


def _is_still_there(current: OpenFile) -> bool:
    try:
        return Path(current.path).stat().st_ino == current.inode
    except OSError:
        return False
