"""Identities that are in the lake already, so that a client's retry is counted and not stored.

Belongs here: the set and its memory. Does not belong here: which identity an item has (the doors say).

One table a day, in a file of its own: an old day is forgotten by dropping its table. The file is durable before the
spool forgets the entries, so a crash between the two repeats the marking and loses none of it.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable

from quality_platform.settings import Settings

DAYS = 3
"""Days that identities are remembered, today among them. Clients retry for minutes, offline ones for a day or two."""

_DAY = 86_400_000_000
_AT_ONCE = 500


def fingerprint(project: str, category: str, identity: str) -> bytes:
    """16 bytes that stand for an identity."""
    return hashlib.blake2b(f"{project}\0{category}\0{identity}".encode("utf-8", "replace"), digest_size=16).digest()


class Seen:
    """The identities of the last days. Not to be shared by threads."""

    def __init__(self, settings: Settings) -> None:
        path = settings.place(settings.spool_dir) / "seen.sqlite"
        self._connection = sqlite3.connect(path, timeout=30.0, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        rows = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'day_%'")
        self._days = sorted(int(re.sub(r"\D", "", name)) for (name,) in rows)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def known(self, prints: Iterable[bytes]) -> set[bytes]:
        """Those of `prints` that were marked before."""
        wanted = list(prints)
        found: set[bytes] = set()
        for day in reversed(self._days):
            for start in range(0, len(wanted), _AT_ONCE):
                part = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(part))
                rows = self._connection.execute(f"SELECT print FROM day_{day} WHERE print IN ({marks})", part)
                found.update(row[0] for row in rows)
        return found

    def mark(self, prints: Iterable[bytes], now: int) -> None:
        """Remember `prints`, durably. `now` in microseconds since 1970."""
        day = max([now // _DAY, *self._days])  # a clock that was set back opens no older day
        with self._connection:
            if day not in self._days:
                self._open(day)
            self._connection.executemany(f"INSERT OR IGNORE INTO day_{day} VALUES (?)", [(one,) for one in prints])

    def _open(self, day: int) -> None:
        self._connection.execute(f"CREATE TABLE IF NOT EXISTS day_{day} (print BLOB PRIMARY KEY) WITHOUT ROWID")
        self._days.append(day)
        while len(self._days) > DAYS:
            self._connection.execute(f"DROP TABLE IF EXISTS day_{self._days.pop(0)}")
