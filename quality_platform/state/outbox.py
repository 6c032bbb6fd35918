"""The outbox: what is due on a channel, who holds it, and how an attempt ended.

Belongs here: the queries. Does not belong here: how long to wait and when to give up (`alerting/backoff.py`),
or sending (`alerting/deliver.py`). A lease that is not settled in time is free again: at least once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from quality_platform.state.models import DeliveryRow, OutboxRow

WAITING = ("pending", "leased")


def _due(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    fresh = sa.and_(OutboxRow.state == "pending", OutboxRow.next_at <= now)
    return sa.or_(fresh, sa.and_(OutboxRow.state == "leased", OutboxRow.lease_until <= now))


def _behind_another() -> sa.ColumnElement[bool]:
    earlier = aliased(OutboxRow)
    same = sa.and_(earlier.alert_id == OutboxRow.alert_id, earlier.channel == OutboxRow.channel)
    before = sa.and_(earlier.position < OutboxRow.position, earlier.state.in_(WAITING))
    return sa.exists().where(same, before)


# put together once: it takes SQLAlchemy longer than SQLite takes to answer it
_NEXT = (
    sa.select(OutboxRow)
    .where(OutboxRow.channel == sa.bindparam("channel"), _due(sa.bindparam("now")), ~_behind_another())
    .order_by(OutboxRow.attempts, OutboxRow.position)
    .limit(1)
    .with_for_update(skip_locked=True, of=OutboxRow)
)


def due_channels(session: Session, now: datetime) -> Sequence[str]:
    """Channels that have something to send now."""
    return session.scalars(sa.select(OutboxRow.channel).where(_due(now)).distinct().order_by(OutboxRow.channel)).all()


def lease(session: Session, channel: str, now: datetime, hold: timedelta) -> OutboxRow | None:
    """Take the next due message of `channel` for `hold`; None when nothing is due.

    Messages of one alert leave in their order: a later one waits for the earlier. Among alerts the one that
    has failed least goes first, so that one bad message cannot hold up the others.
    """
    row = session.scalars(_NEXT, {"channel": channel, "now": now}).first()
    if row is None:
        return None
    if row.lease_until is not None:
        session.add(_lost(row, row.lease_until - hold))
    row.state, row.lease_until, row.attempts = "leased", now + hold, row.attempts + 1
    return row


def notified_channels(session: Session, alert_ids: Collection[str]) -> dict[str, list[str]]:
    """Channels that were, or will be, told that these alerts fire; by alert."""
    row = OutboxRow
    query = sa.select(row.alert_id, row.channel).where(row.alert_id.in_(alert_ids), row.kind == "firing")
    found: dict[str, list[str]] = {}
    for alert_id, channel in session.execute(query.group_by(row.alert_id, row.channel).order_by(row.channel)):
        found.setdefault(str(alert_id), []).append(channel)
    return found


def hurry(session: Session, channel: str, now: datetime) -> None:
    """Make what waits for `channel` to come back due now.

    Only messages that got no answer, or one that a gateway gives for a dead server: those failed with the
    channel. Another answer is about the message or asks to wait.
    """
    lost = sa.or_(OutboxRow.last_status.is_(None), OutboxRow.last_status.in_((502, 503, 504)))
    waiting = sa.and_(OutboxRow.channel == channel, OutboxRow.state == "pending", OutboxRow.attempts > 0)
    session.execute(sa.update(OutboxRow).where(waiting, lost, OutboxRow.next_at > now).values(next_at=now))


def dead(session: Session, channel: str | None = None) -> Sequence[OutboxRow]:
    """Messages that were given up, oldest first. Tests are left out: whoever sent one saw it fail."""
    query = sa.select(OutboxRow).where(OutboxRow.state == "dead", OutboxRow.kind != "test")
    if channel is not None:
        query = query.where(OutboxRow.channel == channel)
    return session.scalars(query.order_by(OutboxRow.position)).all()


def _lost(row: OutboxRow, started_at: datetime) -> DeliveryRow:
    """The attempt of a process that died, or took too long: it may have arrived."""
    return DeliveryRow(
        message_id=row.message_id, channel=row.channel, attempt=row.attempts, started_at=started_at,
        seconds=0.0, outcome="unknown", error="The sender ended before it could say.",
    )  # fmt: skip
