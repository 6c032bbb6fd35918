"""An alert about a silence that ends soon and holds news back: whoever needs it longer has the time to say so.

Belongs here: that alert, when it is due and when it is over. Does not belong here: the silence (`silences.py`),
what is told when it has ended (`lookback.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.alerting.episodes import external
from quality_platform.alerting.episodes.changes import Changes
from quality_platform.alerting.episodes.external import PushedAlert
from quality_platform.alerting.notices.suppression import SILENCE
from quality_platform.state.models import AlertRow, SilenceRow
from quality_platform.state.published import PLATFORM

RULE = "Silence ends soon"
MOST_NAMED = 3


def due(session: Session, now: datetime) -> Sequence[SilenceRow]:
    """Silences of which it is to be said now that they end."""
    return session.scalars(sa.select(SilenceRow).where(SilenceRow.warn_at <= now).order_by(SilenceRow.warn_at)).all()


def warn(changes: Changes) -> int:
    """Note it of those that are due and hold something back, for the caller to store; returns how many were due."""
    found = due(changes.session, changes.now)
    said = []
    for row in found:
        row.warn_at = None
        held = _held(changes.session, row)
        if held and row.ends_at > changes.now:
            said.append(_alert(row, held, row.ends_at))
    external.note(changes, said)
    return len(found)


def withdraw(changes: Changes, row: SilenceRow) -> None:
    """The silence lasts longer, or is over: what was said of its end is too."""
    external.take(changes, [_alert(row, [], changes.now)])


def _held(session: Session, row: SilenceRow) -> Sequence[str]:
    query = sa.select(AlertRow.message).where(AlertRow.status != "resolved", AlertRow.silenced_by.contains(row.id))
    return session.scalars(query.order_by(AlertRow.id)).all()


def _alert(row: SilenceRow, held: Sequence[str], ends_at: datetime) -> PushedAlert:
    more = f" and {len(held) - MOST_NAMED} more" if len(held) > MOST_NAMED else ""
    return PushedAlert(
        project=PLATFORM, severity="warning", rule=RULE, subject=row.id, labels={SILENCE: row.id}, origin="platform",
        message=f"The silence “{row.comment}” of {row.created_by} ends at {row.ends_at:%Y-%m-%d %H:%M} UTC; what it "
        f"holds back is told then: {'; '.join(held[:MOST_NAMED])}{more}",
        ends_at=ends_at,
    )  # fmt: skip
