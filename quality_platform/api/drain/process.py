"""The drain's process: rounds while there is something, tidying now and then, its end when nothing comes for a while.

It is started by the API process (`supervisor.py`), told over a pipe that there is something new, and tells how far it
is. It ends by itself because DuckDB and Arrow take 120 MB that an idle service need not hold.

Belongs here: the loop. Does not belong here: a round (`rounds.py`), or what is done with what was stored
(`api/live/`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any, Protocol

import duckdb
import orjson

from quality_platform.api.drain.faults import PASSING
from quality_platform.api.drain.rounds import Drain, Round
from quality_platform.errors import LakeError
from quality_platform.model.batch import Batch
from quality_platform.warehouse.lake import Lake

LOG = logging.getLogger(__name__)

EVERY_SECONDS = 0.4
"""Between the starts of two rounds: at most 2.5 commits a second, and under a second from door to SQL."""

IDLE_SECONDS = 60.0
TIDY_SECONDS = 120.0
TIDY_COMMITS = 20
KEEP_SNAPSHOTS = timedelta(minutes=15)
RETRY_SECONDS = 1.0


class Pipe:
    """This process's end, which several threads may speak through."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._speaking = threading.Lock()

    def tell(self, message: Mapping[str, object]) -> None:
        """Send to the API process, which always listens; nobody is told where it has ended."""
        try:
            with self._speaking:
                self._connection.send_bytes(orjson.dumps(message))
        except OSError:
            LOG.info("the API process has ended")

    def hear(self, seconds: float) -> Mapping[str, Any] | None:
        """What it says within `seconds`; None when it says nothing. Raises EOFError or OSError when it has ended."""
        if not self._connection.poll(max(seconds, 0.0)):
            return None
        return dict(orjson.loads(self._connection.recv_bytes()))


class Companion(Protocol):
    """Works with what was stored, beside the rounds. No method may wait for anybody."""

    def take(self, done: Round) -> None:
        """A round is in the lake."""

    def missed(self) -> None:
        """A round is in the lake of which nothing is known any more."""

    def hear(self, message: Mapping[str, Any]) -> None:
        """The API process said something."""

    @property
    def busy(self) -> bool:
        """Whether the process must not end yet."""

    def close(self) -> None:
        """The process ends; a few seconds are given."""


class Reader(Protocol):
    """Stores by itself what does not come through the spool."""

    @property
    def wanted(self) -> bool:
        """Whether there is something to read, so that idling is no reason to end."""

    def start(self) -> None:
        """Begin."""

    def finished(self) -> Sequence[Batch]:
        """Batches that are in the lake since the last time. It must not wait."""

    def close(self) -> None:
        """The process ends."""


class DrainProcess:
    """One drain, the pipe to the API process, and who works beside it."""

    def __init__(
        self, drain: Drain, lake: Lake, pipe: Pipe, companions: Sequence[Companion], reader: Reader | None = None
    ) -> None:
        self._drain = drain
        self._lake = lake
        self._pipe = pipe
        self._companions = companions
        self._reader = reader
        self._place = drain.place
        self._tidied = time.monotonic()
        self._commits = 0

    def run(self) -> None:
        """Until the API process ends, or there has been nothing to do for a minute."""
        self._pipe.tell({"drained": self._place})
        if self._reader:
            self._reader.start()
        going = self._greeted()
        while going:
            started = time.monotonic()
            well = self._rounds()
            self._hand_on()
            self._tidy()
            going = self._wait(started + EVERY_SECONDS if well else time.monotonic() + RETRY_SECONDS, woken=not well)
        if self._reader:
            self._reader.close()
        for companion in self._companions:
            companion.close()

    def _rounds(self) -> bool:
        """Store what waits; False when it cannot be stored now."""
        try:
            self._look_back()
            while (done := self._drain.round()) and self._follow(done).is_full:
                # a full one is followed at once; others wait, since a commit costs 60 ms however little it holds
                continue
        except PASSING as error:
            # nothing is lost: the spool keeps it, and the next round begins where the lake is
            LOG.warning("cannot store now, trying again: %s", type(error).__name__)
            self._pipe.tell({"failed": type(error).__name__})
            return False
        return True

    def _look_back(self) -> None:
        """A commit that failed may have been one after all."""
        self._drain.resume()
        if self._drain.place != self._place:
            self._place = self._drain.place
            self._pipe.tell({"drained": self._place})
            for companion in self._companions:
                companion.missed()

    def _follow(self, done: Round) -> Round:
        """What follows a round that is in the lake."""
        self._place = done.last
        self._pipe.tell(_report(done))
        self._accompany(done)
        return done

    def _hand_on(self) -> None:
        """What was read from sources is followed like a round, by the same companions."""
        batches = self._reader.finished() if self._reader else ()
        if batches:
            self._accompany(Round(self._place, 0, batches, None, time.time_ns() // 1000, is_full=False))

    def _accompany(self, done: Round) -> None:
        self._commits += 1
        for companion in self._companions:
            try:
                companion.take(done)
            except Exception:
                LOG.exception("what follows a round failed; the rounds go on")

    def _tidy(self) -> None:
        """Small files to large ones, before they slow readers: 600 commits merge in 0.25 s, 1,800 in 0.8 s."""
        if self._commits < TIDY_COMMITS or time.monotonic() - self._tidied < TIDY_SECONDS:
            return
        self._tidied, self._commits = time.monotonic(), 0
        try:
            self._lake.tidy("raw", keep=KEEP_SNAPSHOTS)
        except (LakeError, duckdb.Error, OSError) as error:
            LOG.warning("cannot tidy now: %s", type(error).__name__)

    def _wait(self, until: float, *, woken: bool) -> bool:
        """Take what the API process says, until there is something to do and the time has come; False at the end."""
        idle_at = time.monotonic() + IDLE_SECONDS
        stays = self._reader is not None and self._reader.wanted
        try:
            while not woken or time.monotonic() < until:
                woken = self._hear((until if woken or stays else idle_at) - time.monotonic()) or woken
                now = time.monotonic()
                if stays and now >= until:
                    return True
                if now >= idle_at and not woken:
                    if not any(companion.busy for companion in self._companions):
                        return False
                    idle_at = now + IDLE_SECONDS / 10
        except (EOFError, OSError):
            return False
        return True

    def _greeted(self) -> bool:
        """Hear what was said while this process was starting, such as who looks on; False when nobody is there."""
        try:
            while self._hear(0.0):
                continue
        except (EOFError, OSError):
            return False
        return True

    def _hear(self, seconds: float) -> bool:
        """Whether the API process says that there is more."""
        message = self._pipe.hear(seconds)
        if message is None:
            return False
        for companion in self._companions:
            companion.hear(message)
        return bool(message.get("wake"))


def _report(done: Round) -> dict[str, object]:
    return {
        "drained": done.last,
        "entries": done.entries,
        "rows": done.appended.row_count if done.appended else 0,
        "rejected": done.appended.rejected_count if done.appended else 0,
        "lag": max(0.0, time.time() - done.oldest_received_at / 1e6),
    }
