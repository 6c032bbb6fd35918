"""Messages that were given up: seen, and sent again under their old identity."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from quality_platform.alerting.delivery.frozen import thaw
from quality_platform.alerting.notices.outbox import KEEP_TRYING, KEEP_TRYING_CRITICAL
from quality_platform.errors import UsageError
from quality_platform.state import audit, channel_health, outbox_views
from quality_platform.state.database import State
from quality_platform.state.models import ChannelHealthRow, OutboxRow
from quality_platform.state.outbox_views import Letters


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


def dead_letters(
    state: State,
    channel: str | None = None,
    *,
    kind: str | None = None,
    alert_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> tuple[DeadLetter, ...]:
    """Those that match, oldest first: of a channel, kind or alert, made from `since` to before `until`.

    A page is at most `limit` of them behind the message `after`.
    """
    wanted = Letters(channel, kind, alert_id, since, until)
    with state.read() as session:
        return tuple(_letter(row) for row in outbox_views.dead(session, wanted, after=after, limit=limit))


def replay(
    state: State,
    now: datetime,
    message_ids: Collection[str] | None = None,
    *,
    actor: str,
    channel: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """Make the dead letters that match (all, where nothing is named) due again, with new patience; returns how many.

    That `actor` did it is in the audit, if there were any. Raises UsageError where the channel of one that was named,
    or of all that match, is disabled; of a range the letters of disabled channels are left as they are.
    """
    wanted = Letters(channel, kind, None, since, until, message_ids)
    with state.write() as session:
        off = channel_health.disabled(session)
        rows = outbox_views.dead(session, wanted)
        ready = [row for row in rows if row.channel not in off]
        refused = [row for row in rows if row.channel in off]
        if refused and (message_ids is not None or not ready):
            raise _disabled(off[refused[0].channel])
        for row in ready:
            _renew(row, now)
        if ready:
            named = message_ids is not None and len(message_ids) == 1
            subject = ready[0].message_id if named else channel or "all channels"
            audit.record(
                session, now, actor=actor, action="delivery.replay", subject=subject, details={"messages": len(ready)}
            )
    return len(ready)


def _renew(row: OutboxRow, now: datetime) -> None:
    patience = KEEP_TRYING_CRITICAL if row.severity == "critical" else KEEP_TRYING
    row.state, row.attempts, row.refusals = "pending", 0, 0
    row.next_at, row.expires_at = now, now + patience


def _disabled(health: ChannelHealthRow) -> UsageError:
    return UsageError(
        f"The channel {health.channel!r} is disabled since {health.since:%Y-%m-%d %H:%M} UTC: {health.last_error}",
        hint="Correct it, then send a test message: one that arrives enables it.",
    )


def _letter(row: OutboxRow) -> DeadLetter:
    title = thaw(row.payload, row.message_id, row.created_at).message.title
    return DeadLetter(
        row.message_id, row.channel, row.kind, row.alert_id, title, row.attempts, row.last_status, row.last_error,
        row.created_at,
    )  # fmt: skip
