"""Identities that are in the lake already, so that a client's retry is counted and not stored.

Belongs here: the set and its memory. Does not belong here: which identity an item has (the doors say).

One table a day, in a file of its own: an old day is forgotten by dropping its table. The file is durable before the
spool forgets the entries, so a crash between the two repeats the marking and loses none of it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator

from quality_platform.api.drain.damage import is_damage, set_aside
from quality_platform.settings import Settings

DAYS = 3
"""Days that identities are remembered, today among them. Clients retry for minutes, offline ones for a day or two."""

_DAY = 86_400_000_000
_AT_ONCE = 500


def fingerprint(project: str, category: str, identity: str) -> bytes:
    """16 bytes that stand for an identity."""
    return hashlib.blake2b(f"{project}\0{category}\0{identity}".encode("utf-8", "replace"), digest_size=16).digest()


class Seen:
    """The identities of the last days. Not to be shared by threads.

    A day is 24 hours of the clock since its table was opened, so a clock that jumps costs at most one table: one that
    was set ahead opens a table early, one that was set back makes the newest table's day begin anew.
    """

    def __init__(self, settings: Settings) -> None:
        self._path = settings.place(settings.spool_dir) / "seen.sqlite"
        self._days: dict[int, int] = {}
        try:
            self._open()
        except sqlite3.Error as error:
            self._replace(error)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def known(self, prints: Iterable[bytes]) -> set[bytes]:
        """Those of `prints` that were marked before."""
        wanted = list(prints)
        try:
            return {mark for day in reversed(self._days) for mark in self._known(day, wanted)}
        except sqlite3.Error as error:
            self._replace(error)
            return set()

    def _known(self, day: int, wanted: list[bytes]) -> Iterator[bytes]:
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            marks = ",".join("?" * len(part))
            for row in self._connection.execute(f"SELECT print FROM day_{day} WHERE print IN ({marks})", part):
                yield row[0]

    def mark(self, prints: Iterable[bytes], now: int) -> None:
        """Remember `prints`, durably. `now` in microseconds since 1970."""
        wanted = [(one,) for one in prints]
        try:
            self._mark(wanted, now)
        except sqlite3.Error as error:
            self._replace(error)
            self._mark(wanted, now)

    def _mark(self, wanted: list[tuple[bytes]], now: int) -> None:
        before = dict(self._days)
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                number = self._today(now)
                self._connection.executemany(f"INSERT OR IGNORE INTO day_{number} VALUES (?)", wanted)
        except sqlite3.Error:
            self._days = before
            raise

    def _today(self, now: int) -> int:
        newest = max(self._days, default=0)
        opened_at = self._days.get(newest)
        if opened_at is not None and opened_at <= now < opened_at + _DAY:
            return newest
        if opened_at is None or now >= opened_at:
            newest += 1
            self._connection.execute(f"CREATE TABLE IF NOT EXISTS day_{newest} (print BLOB PRIMARY KEY) WITHOUT ROWID")
        self._connection.execute("INSERT OR REPLACE INTO days VALUES (?, ?)", (newest, now))
        self._days[newest] = now
        for old in sorted(self._days)[:-DAYS]:
            self._connection.execute(f"DROP TABLE IF EXISTS day_{old}")
            self._connection.execute("DELETE FROM days WHERE number = ?", (old,))
            del self._days[old]
        return newest

    def _open(self) -> None:
        self._connection = sqlite3.connect(self._path, timeout=30.0, check_same_thread=False, isolation_level=None)
        for pragma in ("synchronous = FULL", "journal_size_limit = 67108864", "journal_mode = WAL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS days (number INTEGER PRIMARY KEY, opened_at INTEGER NOT NULL)"
        )
        self._days = dict(self._connection.execute("SELECT number, opened_at FROM days ORDER BY number").fetchall())

    def _replace(self, error: sqlite3.Error) -> None:
        """Begin a new file in place of a damaged one: better a retry that is stored twice than nothing stored.

        Raises `error` itself where it passes, such as a full disk.
        """
        if not is_damage(error):
            raise error
        self._connection.close()
        set_aside(self._path, error)
        self._open()
