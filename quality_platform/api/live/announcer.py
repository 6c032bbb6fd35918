"""Deadlines and delivery in the live service's own process: what people do here is told, whoever else is running.

The drain ends when nothing arrives, and Dagster comes every half minute; a repeat, the end of a silence or an alert
that was pushed cannot wait for either. What does the work is loaded when there is some.

Belongs here: the thread that looks. Does not belong here: what is due (`alerting/deadlines.py`), how it is sent
(`alerting/delivery/`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

import sqlalchemy as sa

from quality_platform.alerting.delivery.courier import Courier
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.plans import PlanSource
from quality_platform.alerting.set_clock import SetClock
from quality_platform.errors import QualityPlatformError
from quality_platform.model.alerts import AlertType
from quality_platform.settings import Settings
from quality_platform.state import alerts
from quality_platform.state.database import State
from quality_platform.state.models import OutboxRow
from quality_platform.state.outbox import WAITING

LOG = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
SHORTEST_SECONDS = 0.02


class Announcer:
    """Looks when it is rung for, when something is due, and once a second for what others wrote."""

    def __init__(self, settings: Settings, state: State, plans: PlanSource, happened: Callable[[], None]) -> None:
        self._settings, self._state, self._plans, self._happened = settings, state, plans, happened
        self._rung = threading.Event()
        self._ending = False
        self._courier: Courier | None = None
        self._plan: Plan | None = None
        self._clock = SetClock()
        self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ring(self) -> None:
        """Somebody did something here that others are to be told."""
        self._rung.set()

    def close(self) -> None:
        """Finish the delivery that is under way, end."""
        self._ending = True
        self._rung.set()
        self._thread.join(5)
        if self._courier is not None:
            self._courier.close()

    def _run(self) -> None:
        patience = LOOK_SECONDS
        while not self._ending:
            self._rung.wait(patience)
            rung = self._rung.is_set()  # it may have been rung for between the end of the wait and now
            if rung:
                self._rung.clear()
            patience = LOOK_SECONDS
            if self._ending:
                return
            try:
                if rung:  # before anything that may fail
                    self._happened()
                patience = self._look()
            except QualityPlatformError as error:
                LOG.warning("deadlines cannot be looked at now: %s", error)
            except Exception:
                LOG.exception("the look at deadlines goes on")

    def _look(self) -> float:
        """Do what is due; returns the seconds until the next look."""
        now = datetime.now(UTC)
        self._mind_the_clock(now)
        self._follow_the_plan(now)
        due, waits = self._due(now)
        if due is not None and due <= now:
            from quality_platform.alerting.deadlines import tick

            if tick(self._state, self._plans.current, now).told:
                self._happened()
            due, waits = self._due(now)
        if waits:
            self._deliver()
        if due is None:
            return LOOK_SECONDS
        return min(LOOK_SECONDS, max(SHORTEST_SECONDS, (due - now).total_seconds()))

    def _due(self, now: datetime) -> tuple[datetime | None, bool]:
        """When something is due next, and whether a message may be sent now."""
        row = OutboxRow
        ready = sa.and_(row.state.in_(WAITING), row.next_at <= now)
        with self._state.read() as session:
            due = alerts.next_deadline(session)
            return due, bool(session.scalar(sa.select(sa.exists().where(ready))))

    def _mind_the_clock(self, now: datetime) -> None:
        """Where it was set back, what is to be told in a second may not wait for an instant that comes again."""
        moved = self._clock.moved(now)
        if moved != timedelta(0):
            from quality_platform.alerting import unwinding

            unwinding.follow(moved, self._state, self._plans.current, now)
        self._clock.settle(now)

    def _follow_the_plan(self, now: datetime) -> None:
        """A rule that was removed takes its alerts with it, also where nothing arrives that would be judged; a mute
        window that was removed holds nothing back."""
        plan, before = self._plans.current, self._plan
        if before is not None and plan is not before:
            from quality_platform.alerting.deadlines import reconsider
            from quality_platform.alerting.evaluate import close_orphans

            reconsider(self._state, now)
            types = sorted({rule.type for rule in before.rules.values()})
            if close_orphans(self._state, plan, cast("tuple[AlertType, ...]", tuple(types)), now).told:
                self._happened()
        self._plan = plan

    def _deliver(self) -> None:
        if self._courier is None:
            from quality_platform.alerting.episodes.channel_alerts import watching

            def plan() -> Plan:
                return self._plans.current

            self._courier = Courier(self._settings, self._state, plan, watching(plan))
        self._courier.ring()
