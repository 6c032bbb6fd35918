"""Messages that were given up: seen, and sent again under their old identity."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from quality_platform.alerting.delivery.frozen import thaw
from quality_platform.alerting.notices.outbox import KEEP_TRYING
from quality_platform.state import outbox
from quality_platform.state.database import State
from quality_platform.state.models import OutboxRow


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that did not arrive, and what the channel said last."""

    message_id: str
    channel: str
    kind: str
    alert_id: str | None
    title: str
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: datetime


def dead_letters(state: State, channel: str | None = None) -> tuple[DeadLetter, ...]:
    """All of them, oldest first, or those of one channel."""
    with state.read() as session:
        return tuple(_letter(row) for row in outbox.dead(session, channel))


def replay(state: State, now: datetime, message_ids: Collection[str] | None = None) -> int:
    """Make these dead letters (None for all) due again, with new patience; returns how many there were."""
    with state.write() as session:
        rows = [row for row in outbox.dead(session) if message_ids is None or row.message_id in message_ids]
        for row in rows:
            row.state, row.attempts, row.refusals = "pending", 0, 0
            row.next_at, row.expires_at = now, now + KEEP_TRYING
    return len(rows)


def _letter(row: OutboxRow) -> DeadLetter:
    title = thaw(row.payload, row.message_id, row.created_at).message.title
    return DeadLetter(
        row.message_id, row.channel, row.kind, row.alert_id, title, row.attempts, row.last_status, row.last_error,
        row.created_at,
    )  # fmt: skip
