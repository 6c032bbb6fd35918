"""How channels answer: read and written in the transaction that also leases their messages or settles them.

Belongs here: rows of `channel_health`, and the instant that a rate limit has got to. Does not belong here: when a
circuit opens (`alerting/delivery/circuit.py`), how fast a channel may be (`alerting/delivery/bucket.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from quality_platform.state import cursors
from quality_platform.state.models import ChannelHealthRow, DeliveryRow

DISABLED = "disabled"


def locked(session: Session, channel: str, now: datetime) -> ChannelHealthRow:
    """The row of `channel`, made when there is none; nobody else changes it before this transaction ends."""
    row = session.get(ChannelHealthRow, channel, with_for_update=True)
    if row is None:
        dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        fresh = dialect.insert(ChannelHealthRow).values(channel=channel, state="healthy", since=now, failures=0)
        session.execute(fresh.on_conflict_do_nothing())
        row = session.get_one(ChannelHealthRow, channel, with_for_update=True)
    return row


def listed(session: Session) -> Sequence[ChannelHealthRow]:
    """All that have been sent to, by name."""
    return session.scalars(sa.select(ChannelHealthRow).order_by(ChannelHealthRow.channel)).all()


def disabled(session: Session) -> Mapping[str, ChannelHealthRow]:
    """Channels whose receiver said that it is gone, by name."""
    query = sa.select(ChannelHealthRow).where(ChannelHealthRow.state == DISABLED)
    return {row.channel: row for row in session.scalars(query)}


def enable(session: Session, channel: str, now: datetime) -> None:
    """Forget what is known of `channel`, so that it is sent to again: after a change, or a test that arrived."""
    row = locked(session, channel, now)
    if row.state != "healthy":
        row.state, row.since = "healthy", now
    row.failures, row.retry_at = 0, None


def unwind(session: Session, now: datetime, longest: timedelta) -> None:
    """The clock was set back: a channel that was asked last in what is now the future may be asked again."""
    health, attempt = ChannelHealthRow, DeliveryRow
    for row in session.scalars(sa.select(health).where(health.retry_at > now)):
        newest = (
            sa.select(attempt.started_at).where(attempt.channel == row.channel).order_by(attempt.id.desc()).limit(1)
        )
        asked = session.scalar(newest)
        if row.retry_at is not None and (row.retry_at > now + longest or (asked is not None and asked > now)):
            row.retry_at = now
        row.since = min(row.since, now)


def limit_reached(session: Session, channel: str) -> datetime | None:
    """Until when the rate limit of `channel` is used up, in the sense of `bucket.py`; None where it never was."""
    text = cursors.read(session, _limit(channel))
    return None if text is None else datetime.fromisoformat(text)


def reach_limit(session: Session, channel: str, until: datetime, now: datetime) -> None:
    """Note how far the rate limit of `channel` is used up."""
    cursors.write(session, _limit(channel), until.isoformat(), now)


def _limit(channel: str) -> str:
    return f"rate:{channel}"
