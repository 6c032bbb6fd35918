"""Configuration that the API made: finding, writing, removing, and a mark that is another one after each change.

Belongs here: the queries. Does not belong here: what a body means, who may change it, the audit
(`alerting/stored.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.state import cursors
from quality_platform.state.identity import new_id
from quality_platform.state.models import StoredRow

MARK = "stored configuration"


def mark(session: Session) -> str | None:
    """Another text after each change, None before the first; a look takes a fifth of a millisecond."""
    return cursors.read(session, MARK)


def listed(session: Session, kinds: Collection[str]) -> Sequence[StoredRow]:
    """Everything of these kinds, oldest first."""
    query = sa.select(StoredRow).where(StoredRow.kind.in_(kinds))
    return session.scalars(query.order_by(StoredRow.created_at, StoredRow.id)).all()


def find(session: Session, kind: str, name: str, *, change: bool = False) -> StoredRow | None:
    """The thing of this name, or of this id; locked where it is to be changed."""
    row = StoredRow
    query = sa.select(row).where(row.kind == kind, sa.or_(row.name == name, row.id == name))
    query = query.order_by(sa.case((row.name == name, 0), else_=1)).limit(1)
    return session.scalars(query.with_for_update() if change else query).first()


def add(session: Session, kind: str, name: str, body: str, now: datetime, actor: str) -> StoredRow:
    """A new thing, of which there must be none yet."""
    row = StoredRow(
        id=new_id(now), kind=kind, name=name, body=body, version=1, created_at=now, created_by=actor, updated_at=now,
        updated_by=actor,
    )  # fmt: skip
    session.add(row)
    _changed(session, now)
    return row


def replace(session: Session, row: StoredRow, body: str, now: datetime, actor: str) -> None:
    """Another body of the same thing, under the next version."""
    row.body, row.version, row.updated_at, row.updated_by = body, row.version + 1, now, actor
    _changed(session, now)


def remove(session: Session, row: StoredRow, now: datetime) -> None:
    """Forget a thing."""
    session.delete(row)
    _changed(session, now)


def _changed(session: Session, now: datetime) -> None:
    session.flush()
    cursors.write(session, MARK, new_id(now), now)
