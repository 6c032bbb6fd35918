"""Lists of messages and of the attempts to deliver them; what each channel has to say for itself.

Belongs here: the queries. Does not belong here: leases and attempts (`outbox.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.state.models import ChannelHealthRow, DeliveryRow, OutboxAlertRow, OutboxRow

WithAttempts = tuple[OutboxRow, Sequence[DeliveryRow]]


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """Messages of one channel by state, attempts since an instant by outcome, and its health."""

    messages: dict[str, int]
    attempts: dict[str, int]
    health: ChannelHealthRow | None


def of_alert(session: Session, alert_id: str) -> list[WithAttempts]:
    """Messages that speak of an alert, oldest first, with their attempts."""
    spoken = sa.select(OutboxAlertRow.position).where(OutboxAlertRow.alert_id == alert_id)
    mine = sa.select(OutboxRow.position).where(OutboxRow.alert_id == alert_id)
    query = sa.select(OutboxRow).where(OutboxRow.position.in_(sa.union(spoken, mine))).order_by(OutboxRow.position)
    return with_attempts(session, session.scalars(query).all())


def page(
    session: Session, limit: int, before: int | None = None, *, channel: str | None = None, state: str | None = None,
    since: datetime | None = None, until: datetime | None = None,
) -> Sequence[OutboxRow]:  # fmt: skip
    """Messages, newest first, those before the position `before`."""
    row = OutboxRow
    query = sa.select(row).order_by(row.position.desc()).limit(limit)
    wanted = [] if before is None else [row.position < before]
    wanted += [column == value for column, value in ((row.channel, channel), (row.state, state)) if value is not None]
    if since is not None:
        wanted.append(row.created_at >= since)
    if until is not None:
        wanted.append(row.created_at < until)
    return session.scalars(query.where(*wanted)).all()


def with_attempts(session: Session, messages: Sequence[OutboxRow]) -> list[WithAttempts]:
    """`messages`, each with its attempts in their order."""
    row = DeliveryRow
    query = sa.select(row).where(row.message_id.in_([each.message_id for each in messages])).order_by(row.id)
    attempts: dict[str, list[DeliveryRow]] = {}
    for found in session.scalars(query):
        attempts.setdefault(found.message_id, []).append(found)
    return [(each, attempts.get(each.message_id, ())) for each in messages]


def figures(session: Session, channels: Collection[str], since: datetime) -> dict[str, ChannelFigures]:
    """What there is to say of each of `channels`."""
    out, tried = OutboxRow, DeliveryRow
    waiting = sa.select(out.channel, out.state, sa.func.count()).where(
        out.channel.in_(channels), sa.or_(out.state.in_(("pending", "leased", "dead")), out.created_at >= since)
    )
    recent = sa.select(tried.channel, tried.outcome, sa.func.count()).where(
        tried.channel.in_(channels), tried.started_at >= since
    )
    found = {name: ChannelFigures({}, {}, session.get(ChannelHealthRow, name)) for name in channels}
    for channel, state, number in session.execute(waiting.group_by(out.channel, out.state)):
        found[channel].messages[state] = number
    for channel, outcome, number in session.execute(recent.group_by(tried.channel, tried.outcome)):
        found[channel].attempts[outcome] = number
    return found
