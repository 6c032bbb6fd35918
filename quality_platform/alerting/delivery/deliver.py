"""Emptying the outbox: every channel on a thread of its own, within a budget of time.

Belongs here: which message is next, and how long one call may take. Does not belong here: the attempt itself
(`attempt.py`) or how to send (`notifications/`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from quality_platform.alerting.delivery.attempt import LEASE, Clock, Outcome, attempt
from quality_platform.errors import StateError
from quality_platform.notifications.delivery import Sender
from quality_platform.state import outbox
from quality_platform.state.database import State


@dataclass(frozen=True, slots=True)
class Delivered:
    """Attempts by outcome, and the channels that were still busy when the budget was used up."""

    delivered: int
    retried: int
    dead: int
    unfinished: tuple[str, ...]


@dataclass(slots=True)
class _Round:
    """One channel's turn, on its thread."""

    state: State
    channel: str
    sender: Sender | None
    clock: Clock
    until: datetime
    outcomes: list[Outcome] = field(default_factory=list)
    answers: bool = False
    failure: StateError | None = None

    def run(self) -> None:
        """Send what is due, until nothing is, the channel is down, or the time is up."""
        try:
            while self.clock() < self.until and self._next():
                pass
        except StateError as error:
            self.failure = error

    def _next(self) -> bool:
        with self.state.write() as session:
            row = outbox.lease(session, self.channel, self.clock(), LEASE)
        if row is None:
            return False
        outcome = attempt(self.state, row, self.sender, self.clock)
        self.outcomes.append(outcome)
        if outcome.result == "delivered" and not self.answers:
            self._recover()
        # the others would fail the same way, each after its time limit
        return not outcome.channel_down

    def _recover(self) -> None:
        """The channel answers: what failed while it did not need not wait any longer."""
        self.answers = True
        with self.state.write() as session:
            outbox.hurry(session, self.channel, self.clock())


def deliver_due(state: State, senders: Mapping[str, Sender], now: datetime, budget_seconds: float = 10.0) -> Delivered:
    """Send what is due at `now`, for at most `budget_seconds`; what is left is due again next time.

    A channel that hangs keeps its own thread and nothing else; it finishes its attempt after this returns.
    Raises StateError when the state database fails; what was sent and could not be noted is sent again.
    """
    clock = running_clock(now)
    until = now + timedelta(seconds=budget_seconds)
    with state.read() as session:
        channels = outbox.due_channels(session, now)
    rounds = [_Round(state, channel, senders.get(channel), clock, until) for channel in channels]
    threads = [threading.Thread(target=each.run, name=f"deliver {each.channel}", daemon=True) for each in rounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, (until - clock()).total_seconds()))
    for each in rounds:
        if each.failure is not None:
            raise each.failure
    busy = tuple(each.channel for each, thread in zip(rounds, threads, strict=True) if thread.is_alive())
    return _summary([outcome for each in rounds for outcome in each.outcomes], busy)


def running_clock(now: datetime) -> Clock:
    """A clock that shows `now` at this moment and then runs, unmoved by changes of the system's clock."""
    started = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - started)


def _summary(outcomes: list[Outcome], busy: tuple[str, ...]) -> Delivered:
    results = [outcome.result for outcome in outcomes]
    return Delivered(results.count("delivered"), results.count("retry"), results.count("dead"), busy)
