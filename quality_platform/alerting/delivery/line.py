"""What one channel does in a transaction: settle what was sent, look at its circuit and its limit, lease what may go.

Belongs here: the order of these steps. Does not belong here: threads and time (`turn.py`), the rules of each step
(`circuit.py`, `bucket.py`, `folding.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.alerting.delivery import bucket, circuit
from quality_platform.alerting.delivery.attempt import Attempt, failure, record
from quality_platform.alerting.delivery.folding import fold
from quality_platform.alerting.delivery.senders import Channel
from quality_platform.errors import DeliveryError
from quality_platform.state import channel_health, outbox
from quality_platform.state.models import ChannelHealthRow
from quality_platform.state.outbox import DELIVERIES, Leased, Which

# renewed while a message is under way; after a process has died, what it held goes out again as late as this
LEASE = timedelta(seconds=15)
# critical messages go first, but looking for them among a hundred thousand others takes a while
_URGENT_EVERY = timedelta(seconds=0.25)

Changed = Callable[[Session, str, str, datetime], None]
"""Told of session, channel, state and now in the transaction in which it becomes `healthy`, `unhealthy`, `disabled`."""


@dataclass(slots=True)
class Line:
    """One channel of one process. `channel` is None where the configuration knows none of this name."""

    name: str
    channel: Channel | None
    changed: Changed | None = None
    delivered: int = 0
    retried: int = 0
    dead: int = 0
    became: list[str] = field(default_factory=list)
    """The states that the channel has come into."""
    _looked: datetime | None = None
    _urgent: bool = True

    def settle(self, session: Session, health: ChannelHealthRow, done: Sequence[Attempt], now: datetime) -> None:
        """Write down how these attempts ended, and what that says of the channel."""
        arrived = [each.message for each in done if not isinstance(each.answer, DeliveryError)]
        failures = [failure(each.message, each.answer, now) for each in done if isinstance(each.answer, DeliveryError)]
        outbox.deliver(session, arrived, now)
        outbox.fail(session, failures)
        if done:
            session.execute(sa.insert(DELIVERIES), [record(each) for each in done])
        self.delivered += len(arrived)
        self.dead += sum(each.dead for each in failures)
        self.retried += sum(not each.dead for each in failures)
        if self.channel is not None:  # a name that leads nowhere has no circuit
            dead = {each.message.position for each in failures if each.dead}
            self._observe(session, health, done, dead, now)

    def _observe(
        self, session: Session, health: ChannelHealthRow, done: Sequence[Attempt], dead: set[int], now: datetime
    ) -> None:
        before = health.state
        for each in done:
            if isinstance(each.answer, DeliveryError):
                circuit.failed(health, each.answer, now, dead=each.message.position in dead)
            elif circuit.arrived(health, now):
                outbox.hurry(session, self.name, now)
        if health.state != before:
            self.became.append(health.state)
            if self.changed is not None:
                self.changed(session, self.name, health.state, now)

    def lease(
        self, session: Session, health: ChannelHealthRow, now: datetime, room: int, *, alone: bool
    ) -> list[Leased]:
        """What may be sent now, at most `room` messages; `alone` when nothing is under way."""
        if self._looked is None or now - self._looked >= _URGENT_EVERY:
            self._looked, self._urgent = now, True
            outbox.reclaim(session, self.name, now, LEASE)
        if health.state == channel_health.DISABLED:
            outbox.bury(session, self.name, f"The channel is disabled: {health.last_error}")
            return []
        if health.retry_at is not None:
            return self._probe(session, health, now) if alone and health.retry_at <= now else []
        if self.channel is not None and self.channel.rate is not None:
            return self._limited(session, self.channel, self.channel.rate, now, room)
        return self._free(session, now, room)

    def _probe(self, session: Session, health: ChannelHealthRow, now: datetime) -> list[Leased]:
        """One message, to see whether the channel is back."""
        outbox.bury(session, self.name, health.last_error or "The channel does not answer.", now)
        taken = outbox.take_probe(session, self.name, now, LEASE)
        if taken:  # nobody else asks while this is under way
            health.retry_at = now + LEASE
        return taken

    def _free(self, session: Session, now: datetime, room: int) -> list[Leased]:
        urgent = outbox.take(session, self.name, now, LEASE, room, "critical") if self._urgent else []
        self._urgent = len(urgent) == room
        return urgent + outbox.take(session, self.name, now, LEASE, room - len(urgent))

    def _limited(self, session: Session, channel: Channel, rate: bucket.Rate, now: datetime, room: int) -> list[Leased]:
        full_at = channel_health.limit_reached(session, self.name)
        free = bucket.tokens(rate, full_at, now)
        taken: list[Leased] = []
        shares: tuple[tuple[Which, int], ...] = (("critical", 0), ("other", rate.reserved))
        for which, reserved in shares:
            tokens = free - len(taken) - reserved
            if tokens > 0:
                if channel.folds:
                    fold(session, self.name, now, tokens - 1, which)
                most = min(tokens, room - len(taken))
                taken += outbox.take(session, self.name, now, LEASE, most, which)
        if taken:
            channel_health.reach_limit(session, self.name, bucket.spent(rate, full_at, now, len(taken)), now)
        return taken
