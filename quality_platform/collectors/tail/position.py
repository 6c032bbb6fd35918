"""A place in a file, as it is kept in a batch's `read_from`.

Belongs here: the place and its form as JSON. Does not belong here: moving it (`reading.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from quality_platform.collectors.tail.files import OpenFile


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading stopped, with what it takes to find the place again.

    `path` is the file that was read, links resolved; it may be a rotated one. `generation` counts the files that
    stood at the source's path one after the other. `line` counts the lines before `offset`. `inside` says that
    `offset` stands in a line that is too long. `memory` is what the parser wants to know the next time.
    """

    path: str
    inode: int
    device: int
    generation: int
    offset: int
    line: int
    fingerprint: str
    inside: bool = False
    memory: Mapping[str, object] = field(default_factory=dict)

    def as_cursor(self) -> dict[str, object]:
        """The position as JSON."""
        return asdict(self)


def beginning(file: OpenFile, generation: int) -> Position:
    """The start of `file`."""
    return Position(file.real_path, file.inode, file.device, generation, 0, 0, file.fingerprint(0))


def position_of(cursor: Mapping[str, Any] | None) -> Position | None:
    """The position in a batch's `read_from`; None when nothing has been read yet."""
    if not cursor or "fingerprint" not in cursor:
        return None
    return Position(
        path=str(cursor["path"]),
        inode=int(cursor["inode"]),
        device=int(cursor["device"]),
        generation=int(cursor["generation"]),
        offset=int(cursor["offset"]),
        line=int(cursor["line"]),
        fingerprint=str(cursor["fingerprint"]),
        inside=bool(cursor["inside"]),
        memory=dict(cursor["memory"]),
    )
