"""A test message: through the outbox like any other, but sent now, and the answer is the channel's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from quality_platform.alerting.delivery.attempt import LEASE, attempt
from quality_platform.alerting.delivery.deliver import running_clock
from quality_platform.alerting.notices import outbox
from quality_platform.errors import UsageError
from quality_platform.model.message import Facts, Message, Paragraph
from quality_platform.notifications.delivery import Sender
from quality_platform.state.database import State


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether a test message arrived, the receiver's status where it has one, and what it said."""

    message_id: str
    delivered: bool
    status: int | None
    detail: str


def send_test(state: State, senders: Mapping[str, Sender], channel: str, now: datetime) -> Trial:
    """Send a test message to `channel`, once. Raises UsageError for a channel that there is not."""
    if channel not in senders:
        known = ", ".join(sorted(senders)) or "none"
        raise UsageError(f"There is no channel {channel!r}.", hint=f"There are: {known}.")
    row = outbox.trial_row(_message(channel, now), channel, now, LEASE)
    outbox.post(state, [row])
    outcome = attempt(state, row, senders[channel], running_clock(now))
    return Trial(row.message_id, outcome.result == "delivered", outcome.status, outcome.detail)


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
