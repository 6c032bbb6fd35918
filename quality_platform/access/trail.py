"""Reading the audit: who changed what, newest first.

Belongs here: the look back. Does not belong here: writing it, which every change does itself (`state/audit.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.state import audit
from quality_platform.state.database import State
from quality_platform.state.models import AuditRow

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Change:
    """One change: at `at`, `actor` did `action` to `subject`."""

    position: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, object]


def changes(
    state: State,
    *,
    limit: int = 50,
    before: int | None = None,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
) -> Sequence[Change]:
    """At most `limit` changes, newest first. `before` is a position to go on from; `action` may be a whole area, such
    as `token` for `token.create` and `token.revoke`."""
    query = sa.select(AuditRow).order_by(AuditRow.position.desc()).limit(min(limit, MOST))
    wanted = {AuditRow.actor: actor, AuditRow.subject: subject}
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    if before is not None:
        query = query.where(AuditRow.position < before)
    if action is not None:
        query = query.where(
            sa.or_(AuditRow.action == action, AuditRow.action.startswith(f"{action}.", autoescape=True))
        )
    if since is not None:
        query = query.where(AuditRow.at >= since)
    with state.read() as session:
        return [
            Change(row.position, row.at, row.actor, row.action, row.subject, json.loads(row.details))
            for row in session.scalars(query)
        ]


def broken_at(state: State) -> int | None:
    """Position of the first entry that was changed, or before which one is missing; None where all is whole."""
    with state.read() as session:
        return audit.broken_at(_all(session))


def _all(session: Session) -> Iterator[AuditRow]:
    """Every entry, oldest first, a thousand in memory at a time."""
    last = 0
    while rows := session.scalars(
        sa.select(AuditRow).where(AuditRow.position > last).order_by(AuditRow.position).limit(1_000)
    ).all():
        yield from rows
        last = rows[-1].position
        session.expunge_all()
