"""Overflow of a rate limit becomes one digest: nothing is lost, and nothing waits for hours behind a slow channel.

Belongs here: which rows of the outbox are folded. Does not belong here: the digest's words (`digest.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from quality_platform.alerting.delivery.digest import Folded, digest, worst
from quality_platform.alerting.delivery.frozen import freeze, thaw
from quality_platform.state.identity import new_id
from quality_platform.state.models import OutboxAlertRow, OutboxRow
from quality_platform.state.outbox import OUTBOX, WAITING, Which

# a report stands for itself, a test is waited for, and a digest of digests would say nothing
ALONE = ("report", "test", "digest")
# databases bind some ten thousand values; what is left is folded with the next token
MOST = 2000


def fold(session: Session, channel: str, now: datetime, keep: int, which: Which) -> int:
    """Leave the first `keep` due messages of `channel` as they are and put the rest into one digest.

    Returns how many went into it: none when there is at most one to spare. The order stays: a digest waits for earlier
    messages about its alerts, and takes later ones with it.
    """
    spare = _overflow(session, channel, now, keep, which)
    if len(spare) < 2:
        return 0
    rows = session.execute(
        sa.select(OUTBOX).where(OUTBOX.c.position.in_(_with_later(session, channel, spare))).order_by(OUTBOX.c.position)
    ).all()
    folded = [_folded(row) for row in rows]
    message, data = digest(folded)
    row = OutboxRow(
        message_id=new_id(now), channel=channel, alert_id=None, kind="digest",
        payload=freeze("alert.digest", message, data), state="pending", attempts=0, refusals=0, next_at=now,
        expires_at=max(row.expires_at for row in rows), created_at=now, severity=worst(folded),
    )  # fmt: skip
    session.add(row)
    session.flush()
    _replace(session, [each.position for each in rows], row)
    return len(rows)


def _overflow(session: Session, channel: str, now: datetime, keep: int, which: Which) -> Sequence[int]:
    """Positions of the due messages behind the first `keep`, but for what another digest waits for."""
    row, mine, theirs, waits = OutboxRow, aliased(OutboxAlertRow), aliased(OutboxAlertRow), aliased(OutboxRow)
    grave = row.severity == "critical" if which == "critical" else row.severity != "critical"
    awaited = (
        sa.select(mine.position)
        .join(theirs, sa.and_(theirs.alert_id == mine.alert_id, theirs.position > mine.position))
        .join(waits, sa.and_(waits.position == theirs.position, waits.kind == "digest", waits.state.in_(WAITING)))
        .where(mine.position == row.position, waits.channel == channel)
        .exists()
    )
    return session.scalars(
        sa.select(row.position)
        .where(row.state == "pending", row.channel == channel, row.next_at <= now, grave, row.kind.not_in(ALONE))
        .where(~awaited)
        .order_by(row.position)
        .offset(keep)
        .limit(MOST)
        .with_for_update(skip_locked=True)
    ).all()


def _with_later(session: Session, channel: str, positions: Sequence[int]) -> set[int]:
    """These and every later message about one of their alerts, due or not, whatever its severity."""
    mine, theirs, later = aliased(OutboxAlertRow), aliased(OutboxAlertRow), aliased(OutboxRow)
    found, fresh = set(positions), set(positions)
    while fresh:
        fresh = set(
            session.scalars(
                sa.select(later.position)
                .join(theirs, theirs.position == later.position)
                .join(mine, sa.and_(mine.alert_id == theirs.alert_id, mine.position < theirs.position))
                .where(mine.position.in_(fresh), later.channel == channel, later.state == "pending")
                .where(later.kind.not_in(ALONE))
            )
        ).difference(found)
        found |= fresh
    return found


def _folded(row: Any) -> Folded:
    message = thaw(row.payload, row.message_id, row.created_at).message
    return Folded(
        row.message_id, row.kind, row.severity, row.alert_id, message.title, message.tone, row.created_at
    )  # fmt: skip


def _replace(session: Session, positions: Sequence[int], by: OutboxRow) -> None:
    """The digest speaks of the alerts of all that it stands for."""
    about = OutboxAlertRow
    alerts = sa.select(sa.literal(by.position), about.alert_id).where(about.position.in_(positions)).distinct()
    session.execute(sa.insert(about).from_select(["position", "alert_id"], alerts))
    session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.position.in_(positions))
        .values(state="coalesced", last_error=f"It was sent in the digest {by.message_id}.")
    )
