"""Datagrams that the kernel threw away because nobody had read them in time. Linux alone tells.

Belongs here: asking. Does not belong here: what is done about it (`listener.py`).
"""

from __future__ import annotations

import os
import time
from pathlib import Path

TABLES = (Path("/proc/net/udp"), Path("/proc/net/udp6"))
ASK_SECONDS = 1.0


class Dropped:
    """The count of one socket; of none, always 0."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._inode = None if descriptor is None else str(os.fstat(descriptor).st_ino)
        self._known = 0
        self._asked_at = 0.0

    def since_last(self, *, at_once: bool = False) -> int:
        """How many since it was asked before; looked up once a second, because the table is of all sockets."""
        now = time.monotonic()
        if self._inode is None or (now - self._asked_at < ASK_SECONDS and not at_once):
            return 0
        self._asked_at = now
        total = self._total()
        new, self._known = max(0, total - self._known), max(total, self._known)
        return new

    def _total(self) -> int:
        for table in TABLES:
            try:
                lines = table.read_text().splitlines()[1:]
            except OSError:
                continue
            for line in lines:
                columns = line.split()
                # inode is the tenth column, drops the last
                if len(columns) > 12 and columns[9] == self._inode:
                    return int(columns[-1])
        return 0
