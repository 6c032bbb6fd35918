"""The drain's process: rounds while there is something, tidying now and then, its end when nothing comes for a while.

It is started by the API process (`supervisor.py`), told over a pipe that there is something new, and tells how far it
is. It ends by itself because DuckDB and Arrow take 120 MB that an idle service need not hold.

Belongs here: the loop. Does not belong here: a round (`rounds.py`), or what is done with what was stored
(`api/live/`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from multiprocessing.connection import Connection

import duckdb
import orjson

from quality_platform.api.drain.rounds import Drain, Round
from quality_platform.errors import LakeError, QualityPlatformError
from quality_platform.warehouse.lake import Lake

LOG = logging.getLogger(__name__)

EVERY_SECONDS = 0.4
"""Between the starts of two rounds: at most 2.5 commits a second, and under a second from door to SQL."""

IDLE_SECONDS = 60.0
TIDY_SECONDS = 120.0
TIDY_COMMITS = 20
KEEP_SNAPSHOTS = timedelta(minutes=15)
RETRY_SECONDS = 1.0

Listener = Callable[[Round], None]
"""Told of every round after it is in the lake. It must not wait for anybody."""


class DrainProcess:
    """One drain and the pipe to the API process."""

    def __init__(
        self, drain: Drain, lake: Lake, pipe: Connection, listeners: Sequence[Listener], *, stays: bool
    ) -> None:
        """`stays` when there is other work than the spool, so that idling is no reason to end."""
        self._drain = drain
        self._lake = lake
        self._pipe = pipe
        self._listeners = listeners
        self._stays = stays
        self._worked = time.monotonic()
        self._tidied = time.monotonic()
        self._commits = 0

    def run(self) -> None:
        """Until the API process ends, or there has been nothing to do for a minute."""
        self._tell({"drained": self._drain.place})
        while not self._idle():
            started = time.monotonic()
            self._rounds()
            self._tidy()
            if not self._wait(started + EVERY_SECONDS):
                return

    def _idle(self) -> bool:
        return not self._stays and time.monotonic() - self._worked > IDLE_SECONDS

    def _rounds(self) -> None:
        try:
            while (done := self._drain.round()) and self._follow(done).is_full:
                # a full one is followed at once; others wait, since a commit costs 60 ms however little it holds
                continue
        except (LakeError, duckdb.Error, OSError) as error:
            # nothing is lost: the spool keeps it, and the next round begins where the lake is
            LOG.warning("cannot store now, trying again: %s", type(error).__name__)
            self._tell({"failed": type(error).__name__})
            self._worked = time.monotonic()
            time.sleep(RETRY_SECONDS)
            self._resume()

    def _follow(self, done: Round) -> Round:
        """What follows a round that is in the lake."""
        self._worked = time.monotonic()
        self._commits += 1
        self._tell(_report(done))
        for listener in self._listeners:
            listener(done)
        return done

    def _resume(self) -> None:
        try:
            self._drain.resume()
        except (QualityPlatformError, duckdb.Error, OSError):
            LOG.warning("the lake cannot be read now")

    def _tidy(self) -> None:
        """Small files to large ones, before they slow readers: 600 commits merge in 0.25 s, 1,800 in 0.8 s."""
        if self._commits < TIDY_COMMITS or time.monotonic() - self._tidied < TIDY_SECONDS:
            return
        self._tidied, self._commits = time.monotonic(), 0
        try:
            self._lake.tidy("raw", keep=KEEP_SNAPSHOTS)
        except (LakeError, duckdb.Error, OSError) as error:
            LOG.warning("cannot tidy now: %s", type(error).__name__)

    def _wait(self, until: float) -> bool:
        """Take what the API process says, until there is something to do and the time has come; False at its end."""
        woken = False
        try:
            while not woken or time.monotonic() < until:
                left = until - time.monotonic() if woken else IDLE_SECONDS if not self._stays else EVERY_SECONDS
                if self._pipe.poll(max(left, 0.0)):
                    woken = orjson.loads(self._pipe.recv_bytes()).get("wake", False) or woken
                elif not woken:
                    return True
        except (EOFError, OSError):
            return False
        return True

    def _tell(self, message: dict[str, object]) -> None:
        try:
            self._pipe.send_bytes(orjson.dumps(message))
        except OSError:
            LOG.info("the API process has ended")


def _report(done: Round) -> dict[str, object]:
    return {
        "drained": done.last,
        "entries": done.entries,
        "rows": done.appended.row_count if done.appended else 0,
        "rejected": done.appended.rejected_count if done.appended else 0,
        "lag": time.time() - done.oldest_received_at / 1e6,
    }
