"""Keeps the SQLite files of the catalogs open, in a process of its own, while a live service runs.

DuckLake opens a catalog for each transaction and closes it. The last to close an SQLite file in WAL mode locks it
alone, to empty its log; who comes then waits, and DuckDB's SQLite sleeps for whole seconds. With somebody who always
has it open no close is the last: a row was found by SQL after 0.55 s at the 99th percentile, against 1.2 s.

A process of its own, because two copies of SQLite in one process, DuckDB's and Python's, undo each other's locks. It
imports next to nothing (11 MB), and ends when its standard input does.

Belongs here: holding the files. Does not belong here: reading or writing them (`lake.py`).
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quality_platform.settings import Settings

STOP_SECONDS = 5.0


class Anchor:
    """The process that holds the catalogs of one home; none where they are in PostgreSQL."""

    def __init__(self, settings: Settings) -> None:
        self._paths = [] if settings.postgres_url else sorted(str(path) for path in settings.lake_dir.glob("*.sqlite"))
        self._process: subprocess.Popen[bytes] | None = None

    def hold(self) -> None:
        """Start it, or start it again when it has ended."""
        if not self._paths or (self._process is not None and self._process.poll() is None):
            return
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, *self._paths], stdin=subprocess.PIPE, start_new_session=True
        )

    def let_go(self) -> None:
        """End it."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def main() -> None:
    """Open the files that the arguments name, and wait for the end of standard input."""
    import sqlite3

    held = [sqlite3.connect(path) for path in sys.argv[1:]]
    for connection in held:
        # an SQLite file is opened by the first reading of it
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
