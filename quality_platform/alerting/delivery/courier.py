"""Delivery beside everything else: a thread that empties the outbox when it is rung for, and comes back for retries.

Belongs here: when `deliver_due` is called in a process that lives long. Does not belong here: how it delivers.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa

from quality_platform.alerting.plan import Plan
from quality_platform.errors import QualityPlatformError
from quality_platform.settings import Settings, variable
from quality_platform.state.database import State
from quality_platform.state.models import OutboxRow
from quality_platform.state.outbox import WAITING

LOG = logging.getLogger(__name__)
EVERY_SECONDS = 5.0
BUDGET_SECONDS = 20.0


class Courier:
    """Delivers by the channels of the plan in force. `ring` after something fired."""

    def __init__(self, settings: Settings, state: State, plan: Callable[[], Plan]) -> None:
        self._settings = settings
        self._state = state
        self._plan = plan
        self._rung = threading.Event()
        self._ending = False
        self.has_waiting = False
        """Whether messages wait for another attempt, so that the process should live on."""
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def ring(self) -> None:
        """There is something to deliver, or there may be."""
        self.has_waiting = True
        self._rung.set()

    def close(self, seconds: float = 5.0) -> None:
        """Finish the delivery that is under way, for at most `seconds`; what is left stays in the outbox."""
        self._ending = True
        self._rung.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._ending:
            self._rung.wait(EVERY_SECONDS if self.has_waiting else None)
            self._rung.clear()
            if self._ending:
                return
            try:
                self._deliver()
            except QualityPlatformError as error:
                LOG.warning("cannot deliver now, trying again: %s", error)
            except Exception:
                LOG.exception("delivery goes on")

    def _deliver(self) -> None:
        if not self._waits():
            return
        # what renders messages is loaded when there is one
        from quality_platform.alerting.delivery.deliver import deliver_due
        from quality_platform.alerting.delivery.senders import build_senders
        from quality_platform.notifications.network import Network

        network = Network.allowing(self._settings.webhook_allow_cidrs)
        senders = build_senders(self._plan(), network, variable)
        deliver_due(self._state, senders, datetime.now(UTC), BUDGET_SECONDS)
        self._waits()

    def _waits(self) -> bool:
        with self._state.read() as session:
            self.has_waiting = bool(session.scalar(sa.select(sa.exists().where(OutboxRow.state.in_(WAITING)))))
        return self.has_waiting
