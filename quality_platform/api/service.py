"""The live service's parts, put together and taken apart again: state, spool, drain, doors' intake.

Belongs here: composition and the order of starting and stopping. Does not belong here: HTTP (`app.py`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from quality_platform.api.drain.supervisor import Supervisor
from quality_platform.api.ingest.directory import KeyDirectory
from quality_platform.api.ingest.intake import Intake, answered
from quality_platform.api.ingest.quota import Quota
from quality_platform.api.ingest.turned_away import TurnedAway
from quality_platform.api.ingest.visitors import Visitors
from quality_platform.api.statistics import Statistics
from quality_platform.settings import Settings
from quality_platform.spool.writer import SpoolWriter
from quality_platform.state.database import State

LOG = logging.getLogger(__name__)
HOUSEKEEPING_SECONDS = 5.0


class Service:
    """One live service on one home."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.started_at = time.time()
        self.state = State(settings)
        self.statistics = Statistics()
        self.directory = KeyDirectory(self.state)
        self.turned_away = TurnedAway()
        self.supervisor = Supervisor(settings, self._heard)
        self.spool = SpoolWriter(settings, answered, self._committed)
        self.quota = Quota(lambda project: {})
        self.intake = Intake(
            limit=settings.ingest_body_bytes, memory=settings.ingest_memory_bytes, directory=self.directory,
            quota=self.quota, visitors=Visitors(), writer=self.spool, turned_away=self.turned_away,
            statistics=self.statistics,
        )  # fmt: skip
        self._ending = threading.Event()
        self._housekeeping = threading.Thread(target=self._keep_house, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Start what works in the background."""
        self.supervisor.start(self.spool.last)
        self._housekeeping.start()

    def stop(self) -> None:
        """Bring what was accepted to the lake, then end."""
        self._ending.set()
        self._housekeeping.join(10)
        self._tidy_up(last=True)
        self.supervisor.stop()
        self.spool.close()
        self.state.close()

    def _committed(self, last: int, entries: int) -> None:
        self.statistics.spooled.inc(entries)
        self.statistics.commits.inc()
        self.supervisor.accepted(last)

    def _heard(self, message: Mapping[str, Any]) -> None:
        """What the drain's process says."""
        if "failed" in message:
            self.statistics.drain_failures.inc()
        if "drained" in message:
            self.spool.drop(int(message["drained"]))
        if "entries" in message:
            self.statistics.drained.inc(message["entries"])
            self.statistics.drained_rows.inc(message["rows"])
            self.statistics.lag.observe(message["lag"])

    def _keep_house(self) -> None:
        while not self._ending.wait(HOUSEKEEPING_SECONDS):
            try:
                self._tidy_up()
            except Exception:
                LOG.exception("housekeeping failed; it is tried again")

    def _tidy_up(self, *, last: bool = False) -> None:
        for entry in self.turned_away.entries():
            self.spool.put(entry)
        self.directory.note_use(at_once=last)
        self.statistics.held_bytes.set(self.intake.held)
