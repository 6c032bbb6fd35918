"""A test message: through the outbox like any other, but sent now, and the answer is the channel's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from quality_platform.alerting.delivery.attempt import Attempt, attempt, failure, record
from quality_platform.alerting.delivery.deliver import running_clock
from quality_platform.alerting.notices import outbox as posting
from quality_platform.errors import DeliveryError, UsageError
from quality_platform.model.message import Facts, Message, Paragraph
from quality_platform.notifications.delivery import Sender
from quality_platform.state import audit, channel_health, outbox
from quality_platform.state.database import State
from quality_platform.state.models import OutboxRow
from quality_platform.state.outbox import DELIVERIES, Leased

# nobody renews it: longer than any channel's own time limit
_HOLD = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether a test message arrived, the receiver's status where it has one, and what it said."""

    message_id: str
    delivered: bool
    status: int | None
    detail: str


def send_test(state: State, senders: Mapping[str, Sender], channel: str, now: datetime, *, actor: str) -> Trial:
    """Send a test message to `channel`, once, whatever its health; one that arrives makes it healthy again.

    That `actor` did it is in the audit. Raises UsageError for a channel that there is not.
    """
    if channel not in senders:
        known = ", ".join(sorted(senders)) or "none"
        raise UsageError(f"There is no channel {channel!r}.", hint=f"There are: {known}.")
    row = posting.trial_row(_message(channel, now), channel, now, _HOLD)
    with state.write() as session:
        session.add(row)
        audit.record(session, now, actor=actor, action="channel.test", subject=channel)
    done = attempt(_leased(row), senders[channel], running_clock(now))
    _settle(state, done, now)
    if isinstance(done.answer, DeliveryError):
        return Trial(row.message_id, False, done.answer.status, str(done.answer))
    return Trial(row.message_id, True, done.answer.status, done.answer.detail)


def _leased(row: OutboxRow) -> Leased:
    assert row.lease_until is not None
    return Leased(
        row.position, row.message_id, row.channel, row.kind, row.payload, row.created_at, row.expires_at, row.attempts,
        row.refusals, row.lease_until,
    )  # fmt: skip


def _settle(state: State, done: Attempt, now: datetime) -> None:
    with state.write() as session:
        if isinstance(done.answer, DeliveryError):
            outbox.fail(session, [failure(done.message, done.answer, now)])
        else:
            outbox.deliver(session, [done.message], now)
            channel_health.enable(session, done.message.channel, now)
        session.execute(sa.insert(DELIVERIES), [record(done)])


def _message(channel: str, now: datetime) -> Message:
    return Message(
        title="Test message",
        summary=f"The channel {channel} works.",
        tone="info",
        blocks=(
            Paragraph("You read this, so alerts sent to this channel will reach you."),
            Facts((("Channel", channel), ("Sent", f"{now:%Y-%m-%d %H:%M:%S} UTC"))),
        ),
    )
