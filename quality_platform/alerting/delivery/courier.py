"""Delivery beside everything else: a thread that gives channels their turns when it is rung for, and at the moment when
something waits to be tried again.

Belongs here: when channels are looked at in a process that lives long. Does not belong here: how they deliver.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from quality_platform.alerting.delivery.backoff import LONGEST_PAUSE
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.set_clock import SetClock
from quality_platform.errors import QualityPlatformError
from quality_platform.settings import Settings, variable
from quality_platform.state import outbox, outbox_views
from quality_platform.state.database import State

if TYPE_CHECKING:
    from quality_platform.alerting.delivery.deliver import Turns
    from quality_platform.alerting.delivery.line import Changed
    from quality_platform.notifications.delivery import Sender
    from quality_platform.notifications.network import Network

LOG = logging.getLogger(__name__)
# other processes write to the outbox too, and a clock may be set back
LONGEST_SECONDS = 5.0
# what is due and cannot go, such as behind a rate limit, is looked at this often
SHORTEST_SECONDS = 0.1
# in a storm of alerts it is rung for all the time, and to look takes the time that delivering needs
BETWEEN_SECONDS = 0.02
# a secret in a file may have changed
SENDERS_SECONDS = 30.0


class Courier:
    """Delivers by the channels of the plan in force. `ring` after something fired.

    `changed` is told when a channel's health changes, see `line.Changed`.
    """

    def __init__(
        self, settings: Settings, state: State, plan: Callable[[], Plan], changed: Changed | None = None
    ) -> None:
        self._settings = settings
        self._state = state
        self._plan = plan
        self._changed = changed
        self._rung = threading.Event()
        self._ending = False
        self._patience: float | None = None
        self._turns: Turns | None = None
        self._network: Network | None = None
        self._senders: tuple[Plan, float, Mapping[str, Sender]] | None = None
        self._clock = SetClock()
        self.has_waiting = False
        """Whether messages wait for another attempt, so that the process should live on."""
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def ring(self) -> None:
        """There is something to deliver, or there may be."""
        self.has_waiting = True
        self._rung.set()

    def close(self, seconds: float = 5.0) -> None:
        """Finish what is under way, for at most `seconds`; what is left stays in the outbox."""
        end = time.monotonic() + seconds
        self._ending = True
        self._rung.set()
        self._thread.join(seconds)
        busy = [] if self._turns is None else self._turns.busy()
        for turn in busy:
            turn.stop()
        for turn in busy:
            turn.thread.join(max(0.0, end - time.monotonic()))
        if self._network is not None:
            self._network.connections.sweep(everything=True)

    def _run(self) -> None:
        looked = 0.0
        while not self._ending:
            self._rung.wait(self._patience)
            self._rung.clear()
            if self._ending:
                return
            time.sleep(max(0.0, looked + BETWEEN_SECONDS - time.monotonic()))
            looked = time.monotonic()
            try:
                self._look()
            except QualityPlatformError as error:
                self._patience = LONGEST_SECONDS
                LOG.warning("cannot deliver now, trying again: %s", error)
            except Exception:
                self._patience = LONGEST_SECONDS
                LOG.exception("delivery goes on")

    def _look(self) -> None:
        """Start the turns that are due, and know when to look again."""
        with self._state.read() as session:
            self.has_waiting = outbox_views.is_waiting(session)
        if not self.has_waiting:
            idle = self._network is not None and self._network.connections.sweep()
            self._patience = LONGEST_SECONDS if idle else None
            return
        now = datetime.now(UTC)
        self._mind_the_clock(now)
        self._started().start(self._ready(), now)
        with self._state.read() as session:
            due = outbox_views.next_due(session)
        wait = LONGEST_SECONDS if due is None else (due - now).total_seconds()
        self._patience = min(max(wait, SHORTEST_SECONDS), LONGEST_SECONDS)

    def _mind_the_clock(self, now: datetime) -> None:
        """At the start, and when the clock was set back, nothing may wait for an instant that comes again."""
        moved = self._clock.moved(now)
        if moved is None or moved < timedelta(0):
            with self._state.write() as session:
                outbox.unwind(session, now, timedelta(seconds=LONGEST_PAUSE))
        self._clock.settle(now)

    def _started(self) -> Turns:
        if self._turns is None:
            # what renders messages is loaded when there is one
            from quality_platform.alerting.delivery.deliver import Turns

            self._turns = Turns(self._state, self._changed, lambda _turn: self._rung.set())
        return self._turns

    def _ready(self) -> Mapping[str, Sender]:
        """The senders of the plan in force; connections outlive them."""
        from quality_platform.alerting.delivery.senders import build_senders
        from quality_platform.notifications.network import Network

        plan, now = self._plan(), time.monotonic()
        if self._network is None:
            self._network = Network.allowing(self._settings.webhook_allow_cidrs)
        if self._senders is None or self._senders[0] is not plan or now - self._senders[1] > SENDERS_SECONDS:
            self._senders = (plan, now, build_senders(plan, self._network, variable))
        return self._senders[2]
