"""A SQLite file that can no longer be read: kept, out of the way.

Belongs here: telling damage from a moment's trouble, and moving the file. Does not belong here: what is lost with it.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path

LOG = logging.getLogger(__name__)
# a second or two for a gigabyte; of a larger file damage is found when it is read
MOST_CHECKED_BYTES = 1024 * 1024 * 1024


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken: a full disk or a lock is an OperationalError and passes."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)


def require_sound(connection: sqlite3.Connection, path: Path) -> None:
    """Raises sqlite3.DatabaseError when the pages of the file contradict one another."""
    if path.stat().st_size > MOST_CHECKED_BYTES:
        return
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(f"quick_check: {found}")


def set_aside(path: Path, error: sqlite3.Error) -> Path:
    """Move the file and its log out of the way, for `sqlite3 FILE .recover`; never deletes. Returns where it is."""
    kept = path.with_name(f"{path.stem}-damaged-{time.time_ns()}{path.suffix}")
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    LOG.critical("%s is damaged (%s); it is kept as %s and a new one is begun", path, error, kept)
    return kept
