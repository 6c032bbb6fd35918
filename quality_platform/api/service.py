"""The live service's parts, put together and taken apart again: state, spool, drain, doors' intake.

Belongs here: composition and the order of starting and stopping. Does not belong here: HTTP (`app.py`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from quality_platform.alerting.conditions.sampled import needs_clock
from quality_platform.alerting.plans import PlanSource
from quality_platform.api.condition import Progress
from quality_platform.api.drain.supervisor import Supervisor
from quality_platform.api.ingest.directory import KeyDirectory
from quality_platform.api.ingest.intake import Intake, answered
from quality_platform.api.ingest.limits import ConfiguredLimits
from quality_platform.api.ingest.quota import Quota
from quality_platform.api.ingest.turned_away import TurnedAway
from quality_platform.api.ingest.visitors import Visitors
from quality_platform.api.live.alert_feed import AlertFeed
from quality_platform.api.live.announcer import Announcer
from quality_platform.api.live.updates import Updates
from quality_platform.api.own_figures import OwnFigures
from quality_platform.api.reading import LakeReader
from quality_platform.api.security.bearer import Gate
from quality_platform.api.statistics import Statistics
from quality_platform.configuration.live import has_live_sources
from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.settings import Settings
from quality_platform.spool.writer import Committed, SpoolWriter
from quality_platform.state.database import State
from quality_platform.state.sealing import Seal
from quality_platform.warehouse.anchor import Anchor

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
        self.gate = Gate(self.state)
        self.reader = LakeReader(settings)
        self.turned_away = TurnedAway()
        self.configuration = WatchedConfiguration(settings)
        self.plans = PlanSource(settings, self.state, self.configuration)
        self.seal = Seal(settings)
        self.anchor = Anchor(settings)
        self.supervisor = Supervisor(settings, self._heard, stays=has_live_sources(self.configuration.current))
        self.progress = Progress(self.supervisor)
        self.updates = Updates(self._watch)
        self.alert_feed = AlertFeed(self.state, self.updates)
        self.announcer = Announcer(settings, self.state, self.plans, self.alert_feed.ring)
        self.spool = SpoolWriter(settings, answered, self._committed)
        self.quota = Quota(ConfiguredLimits(self.configuration))
        self.intake = Intake(
            limit=settings.ingest_body_bytes, memory=settings.ingest_memory_bytes, directory=self.directory,
            quota=self.quota, visitors=Visitors(), writer=self.spool, turned_away=self.turned_away,
            statistics=self.statistics,
        )  # fmt: skip
        self.own_figures = OwnFigures(self.statistics.registry)
        self._ending = threading.Event()
        self._housekeeping = threading.Thread(target=self._keep_house, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Start what works in the background."""
        self.anchor.hold()
        self.supervisor.start(self.spool.last)
        self.alert_feed.start()
        self.announcer.start()
        self._housekeeping.start()

    def stop(self) -> None:
        """Bring what was accepted to the lake, then end."""
        self._ending.set()
        self._housekeeping.join(10)
        self._tidy_up(last=True)
        self.announcer.close()
        self.alert_feed.close()
        self.supervisor.stop()
        self.anchor.let_go()
        self.spool.close()
        self.reader.close()
        self.state.close()

    def happened(self) -> None:
        """Somebody did something to alerts here: tell whom it concerns, now."""
        self.announcer.ring()

    def _committed(self, done: Committed) -> None:
        self.statistics.spooled.inc(done.entries)
        self.statistics.commits.inc()
        self.supervisor.accepted(done.last, lazy=done.lazy)

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
        if "samples" in message:
            self.updates.stored(message["samples"], message["omitted"])
        if "alerts" in message:
            self.alert_feed.ring()

    def _watch(self, wanted: Mapping[str, Any] | None) -> None:
        self.supervisor.watch(wanted)
        self.alert_feed.ring()

    def _keep_house(self) -> None:
        while not self._ending.wait(HOUSEKEEPING_SECONDS):
            try:
                self._tidy_up()
            except Exception:
                LOG.exception("housekeeping failed; it is tried again")

    def _tell_of_itself(self) -> None:
        gauges = {
            "ingest_waiting": float(self.spool.waiting[0] if self.supervisor.late else 0),
            "ingest_held_bytes": float(self.intake.held),
            "live_clients": float(len(self.updates)),
        }
        entry = self.own_figures.entry(gauges, now=time.monotonic(), received_at=time.time_ns() // 1000)
        if entry is not None:
            self.spool.put(entry, lazy=True)

    def _tidy_up(self, *, last: bool = False) -> None:
        self.spool.drop(0)  # nothing more, but it looks whether its newest file should go
        for entry in self.turned_away.entries():
            self.spool.put(entry)
        self.directory.note_use(at_once=last)
        self.gate.tidy(at_once=last)
        self.reader.close_if_idle()
        self.updates.tidy()
        self._tell_of_itself()
        self.progress.lag_seconds()
        self.anchor.hold()
        self.supervisor.keep(has_live_sources(self.configuration.current) or needs_clock(self.plans.current))
        self.statistics.held_bytes.set(self.intake.held)
