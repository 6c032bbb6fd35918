"""Emptying the outbox: every channel has a turn of its own, so that one that hangs holds up nobody.

Belongs here: which channels have a turn, and how long one call may take. Does not belong here: the turn (`turn.py`) or
how to send (`notifications/`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from quality_platform.alerting.delivery.attempt import Clock
from quality_platform.alerting.delivery.line import Changed, Line
from quality_platform.alerting.delivery.senders import channel_of
from quality_platform.alerting.delivery.turn import Turn
from quality_platform.notifications.delivery import Sender
from quality_platform.state import outbox_views
from quality_platform.state.database import State


@dataclass(frozen=True, slots=True)
class Delivered:
    """Attempts by outcome; channels that were still busy when the time was up; channels that became unhealthy."""

    delivered: int
    retried: int
    dead: int
    unfinished: tuple[str, ...]
    unhealthy: tuple[str, ...] = ()


class Turns:
    """The turns of one process, at most one per channel. `worked` is called after a turn that sent something."""

    def __init__(
        self, state: State, changed: Changed | None = None, worked: Callable[[Turn], None] = lambda turn: None
    ) -> None:
        self._state = state
        self._changed = changed
        self._worked = worked
        self._turns: dict[str, Turn] = {}

    def start(self, senders: Mapping[str, Sender], now: datetime, until: datetime | None = None) -> list[Turn]:
        """Give every channel that is due a turn, or let it know; returns the turns. Raises StateError."""
        with self._state.read() as session:
            due = outbox_views.due_channels(session, now)
        clock = running_clock(now)
        return [self._turn(name, senders, clock, until) for name in due]

    def busy(self) -> list[Turn]:
        """The turns that are not over."""
        return [turn for turn in self._turns.values() if not turn.over]

    def _turn(self, name: str, senders: Mapping[str, Sender], clock: Clock, until: datetime | None) -> Turn:
        turn = self._turns.get(name)
        if turn is not None and not turn.over:
            turn.poke()
            return turn
        line = Line(name, channel_of(senders[name]) if name in senders else None, self._changed)
        self._turns[name] = turn = Turn(self._state, line, clock, until, self._over)
        return turn

    def _over(self, turn: Turn) -> None:
        if turn.worked:
            self._worked(turn)


def deliver_due(
    state: State,
    senders: Mapping[str, Sender],
    now: datetime,
    budget_seconds: float = 10.0,
    changed: Changed | None = None,
) -> Delivered:
    """Send what is due at `now`, for at most `budget_seconds`; what is left is due again next time.

    A channel that hangs keeps its own threads and nothing else; it finishes what it has begun after this returns.
    `changed` is told in the same transaction when a channel's health changes. Raises StateError when the state database
    fails; what was sent and could not be noted is sent again.
    """
    until = now + timedelta(seconds=budget_seconds)
    end = time.monotonic() + budget_seconds
    turns = Turns(state, changed).start(senders, now, until)
    for turn in turns:
        turn.thread.join(max(0.0, end - time.monotonic()))
    for turn in turns:
        if turn.failure is not None:
            raise turn.failure
    return _summary(turns)


def running_clock(now: datetime) -> Clock:
    """A clock that shows `now` at this moment and then runs, unmoved by changes of the system's clock."""
    started = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - started)


def _summary(turns: list[Turn]) -> Delivered:
    lines = [turn.line for turn in turns]
    return Delivered(
        sum(line.delivered for line in lines),
        sum(line.retried for line in lines),
        sum(line.dead for line in lines),
        tuple(line.name for line, turn in zip(lines, turns, strict=True) if not turn.over),
        tuple(line.name for line in lines if {"unhealthy", "disabled"} & set(line.became)),
    )
