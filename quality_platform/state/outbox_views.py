"""The outbox as a whole: which channels have something to do and when, what was given up.

Does not belong here: leasing and settling (`outbox.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.state.models import ChannelHealthRow, OutboxAlertRow, OutboxRow
from quality_platform.state.outbox import WAITING, behind_another


@dataclass(frozen=True, slots=True)
class Letters:
    """Which dead letters: of one channel, kind or alert, made within a time, these by name; None for any."""

    channel: str | None = None
    kind: str | None = None
    alert_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    message_ids: Collection[str] | None = None

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """The same in SQL. Tests are left out: whoever sent one saw it fail."""
        row = OutboxRow
        yield from (row.state == "dead", row.kind != "test")
        if self.channel is not None:
            yield row.channel == self.channel
        if self.kind is not None:
            yield row.kind == self.kind
        if self.since is not None:
            yield row.created_at >= self.since
        if self.until is not None:
            yield row.created_at < self.until
        if self.message_ids is not None:
            yield row.message_id.in_(self.message_ids)
        if self.alert_id is not None:
            about = OutboxAlertRow
            yield sa.exists().where(about.position == row.position, about.alert_id == self.alert_id)


def due_channels(session: Session, now: datetime) -> Sequence[str]:
    """Channels that have something to send now, or to be asked whether they are back."""
    row, health = OutboxRow, ChannelHealthRow
    due = sa.select(row.channel).where(row.state == "pending", row.next_at <= now)
    lost = sa.select(row.channel).where(row.state == "leased", row.lease_until <= now)
    again = sa.select(health.channel).where(health.retry_at <= now)
    waiting = sa.exists().where(row.channel == health.channel, row.state.in_(WAITING))
    found = set(session.scalars(sa.union(due, lost, again.where(waiting))))
    held = set(session.scalars(sa.select(health.channel).where(health.retry_at > now))) if found else set()
    return sorted(found - held)


def next_due(session: Session) -> datetime | None:
    """When there is something to do next, if nothing is added; None when nothing waits."""
    channels = session.scalars(sa.select(OutboxRow.channel).where(OutboxRow.state == "pending").distinct()).all()
    leases = session.scalar(sa.select(sa.func.min(OutboxRow.lease_until)).where(OutboxRow.state == "leased"))
    return min((at for at in (leases, *(_next_of(session, each) for each in channels)) if at), default=None)


def _next_of(session: Session, channel: str) -> datetime | None:
    again = session.scalar(sa.select(ChannelHealthRow.retry_at).where(ChannelHealthRow.channel == channel))
    if again is not None:
        return again
    waiting = sa.select(OutboxRow.next_at).where(OutboxRow.state == "pending", OutboxRow.channel == channel)
    return session.scalar(waiting.where(~behind_another()).order_by(OutboxRow.next_at).limit(1))


def seconds_to_deliver(session: Session, since: datetime, most: int = 10_000) -> Mapping[str, Sequence[float]]:
    """By channel, how long what was delivered after `since` took from its making, ascending; of the newest `most`."""
    row = OutboxRow
    query = sa.select(row.channel, row.created_at, row.delivered_at).where(row.state == "delivered")
    found: dict[str, list[float]] = {}
    for channel, made, arrived in session.execute(
        query.where(row.delivered_at > since).order_by(row.position.desc()).limit(most)
    ):
        if arrived is not None:
            found.setdefault(channel, []).append((arrived - made).total_seconds())
    return {channel: sorted(seconds) for channel, seconds in found.items()}


def is_waiting(session: Session) -> bool:
    """Whether anything is still to be sent."""
    return bool(session.scalar(sa.select(sa.exists().where(OutboxRow.state.in_(WAITING)))))


def dead(
    session: Session, letters: Letters, *, after: str | None = None, limit: int | None = None
) -> Sequence[OutboxRow]:
    """Messages that were given up, oldest first; those behind the message `after`, at most `limit`."""
    query = sa.select(OutboxRow).where(*letters.conditions()).order_by(OutboxRow.position).limit(limit)
    if after is not None:
        place = sa.select(OutboxRow.position).where(OutboxRow.message_id == after).scalar_subquery()
        query = query.where(OutboxRow.position > place)
    return session.scalars(query).all()
