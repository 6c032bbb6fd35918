"""The spool's file: SQLite in WAL mode, every commit on the disk before it returns."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from quality_platform.errors import QualityPlatformError
from quality_platform.settings import Settings
from quality_platform.spool.item import Entry, Spooled
from quality_platform.spool.sealing import Sealing
from quality_platform.spool.segment import pack, unpack

_SCHEMA = """
CREATE TABLE IF NOT EXISTS segments (
    last INTEGER PRIMARY KEY, entries INTEGER NOT NULL, oldest INTEGER NOT NULL, blob BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS counter (last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL);
"""


ERASED = "erased"
"""Door of an entry that was emptied."""


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
        blob = self._sealing.seal(pack(entries))
        oldest = min(entry.received_at for entry in entries)
        try:
            with self._connection:
                # the counter outlives the segments: a place that was forgotten is never given again
                (last,) = self._connection.execute(
                    "UPDATE counter SET last = last + ? RETURNING last", (len(entries),)
                ).fetchone()
                self._connection.execute("INSERT INTO segments VALUES (?, ?, ?, ?)", (last, len(entries), oldest, blob))
        except sqlite3.Error as error:
            raise SpoolError(f"The spool cannot be written: {error}.") from error
        return int(last)

    def read(self, after: int, *, most: int, most_bytes: int) -> list[Spooled]:
        """Entries after the place `after`, in order; whole segments until `most` or `most_bytes` are reached."""
        found: list[Spooled] = []
        size = 0
        rows = self._connection.execute(
            "SELECT last, entries, blob FROM segments WHERE last > ? ORDER BY last", (after,)
        )
        for last, count, blob in rows:
            first = last - count + 1
            entries = enumerate(unpack(self._sealing.open(blob)), first)
            found += [Spooled(place, entry) for place, entry in entries if place > after]
            size += len(blob)
            if len(found) >= most or size >= most_bytes:
                break
        return found

    def drop(self, up_to: int) -> int:
        """Forget segments up to the place `up_to`, which are in the lake; returns how many."""
        try:
            with self._connection:
                return self._connection.execute("DELETE FROM segments WHERE last <= ?", (up_to,)).rowcount
        except sqlite3.Error as error:
            raise SpoolError(f"The spool cannot be written: {error}.") from error

    def newest(self) -> int:
        """The newest place that waits; 0 when none does."""
        return int(self._connection.execute("SELECT coalesce(max(last), 0) FROM segments").fetchone()[0])

    def waiting(self) -> tuple[int, int | None]:
        """How many entries wait, and when the oldest came (microseconds since 1970)."""
        row = self._connection.execute("SELECT coalesce(sum(entries), 0), min(oldest) FROM segments").fetchone()
        return int(row[0]), row[1]

    def bytes_used(self) -> int:
        """Size of the waiting entries' pages in the file."""
        pages, free, size = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def drop_matching(self, matches: Callable[[Entry], bool]) -> int:
        """Forget single entries, for the erasure of a person; returns how many. Their places stay empty."""
        dropped = 0
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for last, blob in self._connection.execute("SELECT last, blob FROM segments").fetchall():
                entries = list(unpack(self._sealing.open(blob)))
                # emptied, not removed: the others keep their places
                kept = [Entry(e.project, ERASED, e.received_at, b"") if matches(e) else e for e in entries]
                changed = sum(one is not other for one, other in zip(kept, entries, strict=True))
                if changed:
                    sealed = self._sealing.seal(pack(kept))
                    self._connection.execute("UPDATE segments SET blob = ? WHERE last = ?", (sealed, last))
                dropped += changed
        return dropped


def _make(path: Path) -> None:
    connection = _connect(path)
    with connection:
        connection.executescript("PRAGMA journal_mode = WAL;" + _SCHEMA)
        if connection.execute("SELECT count(*) FROM identity").fetchone()[0] == 0:
            connection.execute("INSERT INTO identity VALUES (?)", (uuid.uuid4().hex,))
            connection.execute("INSERT INTO counter VALUES (0)")
    connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10.0, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    return connection
