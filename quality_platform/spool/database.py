"""The spool's file: SQLite in WAL mode, every commit on the disk before it returns."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson

from quality_platform.errors import QualityPlatformError
from quality_platform.settings import Settings
from quality_platform.spool.item import Entry, Spooled
from quality_platform.spool.sealing import Sealing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    place INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, door TEXT NOT NULL,
    received_at INTEGER NOT NULL, meta BLOB NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL);
"""


class SpoolError(QualityPlatformError):
    """The spool cannot be written or read now: disk full, file damaged."""


class SpoolFile:
    """One connection to the spool. Not to be shared by threads."""

    def __init__(self, settings: Settings, *, writable: bool) -> None:
        path = settings.spool_dir / "spool.sqlite"
        self._sealing = Sealing(settings.secret)
        try:
            if writable:
                settings.place(settings.spool_dir)
                _make(path)
            self._connection = _connect(path)
            row = self._connection.execute("SELECT id FROM identity").fetchone()
        except sqlite3.Error as error:
            raise SpoolError(f"The spool {path} cannot be opened: {error}.") from error
        self.id: str = row[0]

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def add(self, entries: Sequence[Entry]) -> int:
        """Store `entries` in one durable transaction; returns the last place. Raises SpoolError."""
        rows = [(e.project, e.door, e.received_at, orjson.dumps(e.meta), self._sealing.seal(e.body)) for e in entries]
        try:
            with self._connection:
                self._connection.executemany(
                    "INSERT INTO entries (project, door, received_at, meta, body) VALUES (?, ?, ?, ?, ?)", rows
                )
                return int(self._connection.execute("SELECT max(place) FROM entries").fetchone()[0])
        except sqlite3.Error as error:
            raise SpoolError(f"The spool cannot be written: {error}.") from error

    def read(self, after: int, *, most: int, most_bytes: int) -> list[Spooled]:
        """Entries after the place `after`, in order: at most `most`, and no more once `most_bytes` are reached."""
        found: list[Spooled] = []
        size = 0
        for row in self._connection.execute(
            "SELECT * FROM entries WHERE place > ? ORDER BY place LIMIT ?", (after, most)
        ):
            place, project, door, received_at, meta, body = row
            plain = self._sealing.open(body)
            found.append(Spooled(place, Entry(project, door, received_at, plain, orjson.loads(meta))))
            size += len(plain)
            if size >= most_bytes:
                break
        return found

    def drop(self, up_to: int) -> int:
        """Forget entries up to the place `up_to`, which are in the lake; returns how many."""
        try:
            with self._connection:
                return self._connection.execute("DELETE FROM entries WHERE place <= ?", (up_to,)).rowcount
        except sqlite3.Error as error:
            raise SpoolError(f"The spool cannot be written: {error}.") from error

    def newest(self) -> int:
        """The newest place that waits; 0 when none does."""
        return int(self._connection.execute("SELECT coalesce(max(place), 0) FROM entries").fetchone()[0])

    def waiting(self) -> tuple[int, int | None]:
        """How many entries wait, and when the oldest came (microseconds since 1970)."""
        row = self._connection.execute(
            "SELECT count(*), (SELECT received_at FROM entries ORDER BY place LIMIT 1) FROM entries"
        ).fetchone()
        return int(row[0]), row[1]

    def bytes_used(self) -> int:
        """Size of the waiting entries' pages in the file."""
        pages, free, size = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def drop_matching(self, places: Iterable[int]) -> None:
        """Forget single entries, for the erasure of a person."""
        with self._connection:
            self._connection.executemany("DELETE FROM entries WHERE place = ?", [(place,) for place in places])


def _make(path: Path) -> None:
    connection = _connect(path)
    with connection:
        connection.executescript("PRAGMA journal_mode = WAL;" + _SCHEMA)
        if connection.execute("SELECT count(*) FROM identity").fetchone()[0] == 0:
            connection.execute("INSERT INTO identity VALUES (?)", (uuid.uuid4().hex,))
    connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10.0, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    return connection
