"""The outbox as a queue: what is due on a channel, who holds it, and how attempts ended.

Belongs here: leasing many messages and settling them, in few statements. Does not belong here: looking at the outbox as
a whole (`outbox_views.py`), how long to wait and when to give up (`alerting/delivery/backoff.py`), or sending. A lease
that is not settled in time is free again: at least once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from quality_platform.state import channel_health
from quality_platform.state.models import DeliveryRow, OutboxAlertRow, OutboxRow

Which = Literal["critical", "other", "any"]
# tables, not classes: what is done to hundreds at once need not be known to a session
OUTBOX = cast("sa.Table", OutboxRow.__table__)
DELIVERIES = cast("sa.Table", DeliveryRow.__table__)
WAITING = ("pending", "leased")
LONGEST_LEASE = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that this process holds until `held`, which also names the lease. `attempts` counts this one."""

    position: int
    message_id: str
    channel: str
    kind: str
    payload: str
    created_at: datetime
    expires_at: datetime
    attempts: int
    refusals: int
    held: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """How a failed attempt leaves its message: pending until `next_at`, or dead."""

    message: Leased
    dead: bool
    refusals: int
    next_at: datetime
    status: int | None
    error: str


def behind_another() -> sa.ColumnElement[bool]:
    """Whether a message waits for an earlier one: same channel, an alert in common, not yet settled."""
    mine, theirs, earlier = aliased(OutboxAlertRow), aliased(OutboxAlertRow), aliased(OutboxRow)
    shared = sa.and_(theirs.alert_id == mine.alert_id, theirs.position < mine.position)
    open_ = sa.and_(earlier.position == theirs.position, earlier.state.in_(WAITING))
    return (
        sa.select(mine.position)
        .join(theirs, shared)
        .join(earlier, open_)
        .where(mine.position == OutboxRow.position, earlier.channel == OutboxRow.channel)
        .exists()
    )


def _select(*conditions: sa.ColumnElement[bool], order: Sequence[sa.SQLColumnExpression[Any]]) -> sa.Select[Any]:
    names = ("position", "message_id", "channel", "kind", "payload", "created_at", "expires_at", "attempts", "refusals")
    return (
        sa.select(*(getattr(OutboxRow, name) for name in names))
        .where(OutboxRow.state == "pending", OutboxRow.channel == sa.bindparam("channel"), *conditions)
        .where(~behind_another())
        .order_by(*order)
        .limit(sa.bindparam("limit", type_=sa.Integer))
        .with_for_update(skip_locked=True, of=OutboxRow)
    )


# put together once: it takes SQLAlchemy longer than SQLite takes to answer them
_NOW = OutboxRow.next_at <= sa.bindparam("now")
_LONGEST_DUE = (OutboxRow.next_at, OutboxRow.position)
_DUE: dict[Which, sa.Select[Any]] = {
    "critical": _select(_NOW, OutboxRow.severity == "critical", order=_LONGEST_DUE),
    "other": _select(_NOW, OutboxRow.severity != "critical", order=_LONGEST_DUE),
    "any": _select(_NOW, order=_LONGEST_DUE),
}
_PROBE = _select(sa.or_(OutboxRow.refusals == 0, _NOW), order=(OutboxRow.attempts, OutboxRow.position))


def take(
    session: Session, channel: str, now: datetime, hold: timedelta, limit: int, which: Which = "any"
) -> list[Leased]:
    """Lease up to `limit` due messages of `channel` until `now + hold`, longest due first.

    Of messages that share an alert only the first is taken: a later one waits until it is settled. One that has failed
    has been put off, so that a bad message cannot hold up the others.
    """
    return _lease(session, _DUE[which], {"channel": channel, "now": now, "limit": limit}, now + hold)


def take_probe(session: Session, channel: str, now: datetime, hold: timedelta) -> list[Leased]:
    """Lease one message to see whether `channel` is back: the one that failed least, due or not."""
    return _lease(session, _PROBE, {"channel": channel, "now": now, "limit": 1}, now + hold)


def _lease(session: Session, query: sa.Select[Any], values: dict[str, object], until: datetime) -> list[Leased]:
    if values["limit"] == 0:
        return []
    found = [
        Leased(row.position, row.message_id, row.channel, row.kind, row.payload, row.created_at, row.expires_at,
               row.attempts + 1, row.refusals, until)
        for row in session.execute(query, values)
    ]  # fmt: skip
    if found:
        session.execute(
            sa.update(OUTBOX)
            .where(OUTBOX.c.position.in_([each.position for each in found]))
            .values(state="leased", lease_until=until, attempts=OUTBOX.c.attempts + 1)
        )
    return found


def reclaim(session: Session, channel: str, now: datetime, hold: timedelta) -> int:
    """Free the messages whose lease ran out, of a process that died or took too long; returns how many."""
    lost = (OUTBOX.c.state == "leased", OUTBOX.c.channel == channel, OUTBOX.c.lease_until <= now)
    rows = session.execute(sa.select(OUTBOX).where(*lost).with_for_update(skip_locked=True)).all()
    if rows:
        session.execute(
            sa.update(OUTBOX)
            .where(OUTBOX.c.position.in_([row.position for row in rows]))
            .values(state="pending", lease_until=None)
        )
        session.execute(sa.insert(DELIVERIES), [_lost(row, row.lease_until - hold) for row in rows])
    return len(rows)


def _lost(row: Any, started_at: datetime) -> dict[str, object]:
    """The attempt that nobody can speak of: it may have arrived."""
    return {
        "message_id": row.message_id, "channel": row.channel, "attempt": row.attempts, "started_at": started_at,
        "seconds": 0.0, "outcome": "unknown", "status": None, "error": "The sender ended before it could say.",
    }  # fmt: skip


def deliver(session: Session, messages: Iterable[Leased], now: datetime) -> None:
    """These have arrived, whoever holds them by now."""
    positions = [each.position for each in messages]
    if positions:
        session.execute(
            sa.update(OUTBOX)
            .where(OUTBOX.c.position.in_(positions))
            .values(state="delivered", delivered_at=now, lease_until=None, last_status=None, last_error=None)
        )


_FAIL = (
    sa.update(OUTBOX)
    .where(OUTBOX.c.position == sa.bindparam("at"), OUTBOX.c.lease_until == sa.bindparam("held"))
    .values(
        state=sa.bindparam("becomes"), refusals=sa.bindparam("said_no"), next_at=sa.bindparam("again"),
        last_status=sa.bindparam("status"), last_error=sa.bindparam("error"), lease_until=None,
    )
)  # fmt: skip


def fail(session: Session, failures: Sequence[Failed]) -> None:
    """Put these back or give them up; one whose lease was lost is another's to put back."""
    rows = [
        {"at": each.message.position, "held": each.message.held, "becomes": "dead" if each.dead else "pending",
         "said_no": each.refusals, "again": each.next_at, "status": each.status, "error": each.error}
        for each in failures
    ]  # fmt: skip
    if rows:
        session.execute(_FAIL, rows)


def hand_back(session: Session, messages: Sequence[Leased]) -> None:
    """These were not sent after all."""
    if messages:
        held = {each.held for each in messages}
        session.execute(
            sa.update(OUTBOX)
            .where(OUTBOX.c.position.in_([each.position for each in messages]), OUTBOX.c.lease_until.in_(held))
            .values(state="pending", lease_until=None, attempts=OUTBOX.c.attempts - 1)
        )


def renew(session: Session, messages: Sequence[Leased], until: datetime) -> None:
    """Hold these on; not those whose lease was lost."""
    session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.position.in_([each.position for each in messages]))
        .where(OUTBOX.c.lease_until.in_({each.held for each in messages}))
        .values(lease_until=until)
    )


def hurry(session: Session, channel: str, now: datetime) -> None:
    """The channel is back: what failed with it is due now; not what was refused, which is about the message."""
    waiting = (OUTBOX.c.channel == channel, OUTBOX.c.state == "pending", OUTBOX.c.attempts > 0)
    session.execute(
        sa.update(OUTBOX).where(*waiting, OUTBOX.c.refusals == 0, OUTBOX.c.next_at > now).values(next_at=now)
    )


def bury(session: Session, channel: str, error: str, now: datetime | None = None) -> None:
    """Give up what waits for `channel`: all of it, or what has had its time at `now`."""
    waiting = (OUTBOX.c.channel == channel, OUTBOX.c.state == "pending")
    past = () if now is None else (OUTBOX.c.expires_at <= now,)
    session.execute(sa.update(OUTBOX).where(*waiting, *past).values(state="dead", last_error=error))


def unwind(session: Session, now: datetime, longest: timedelta) -> None:
    """The clock was set back: what was made in what is now the future is due, what is held for ever is free.

    `longest` is the longest wait between two attempts.
    """
    tried = sa.exists().where(DELIVERIES.c.message_id == OUTBOX.c.message_id, DELIVERIES.c.started_at > now)
    ahead = sa.or_(OUTBOX.c.created_at > now, OUTBOX.c.next_at > now + longest, tried)
    waits = (OUTBOX.c.state == "pending", OUTBOX.c.next_at > now)
    session.execute(sa.update(OUTBOX).where(*waits, ahead).values(next_at=now))
    held = (OUTBOX.c.state == "leased", OUTBOX.c.lease_until > now + LONGEST_LEASE)
    session.execute(sa.update(OUTBOX).where(*held).values(lease_until=now))
    channel_health.unwind(session, now, longest)
