"""Reading alerts and their events. Changes are made on the rows that these functions return.

Does not belong here: when an alert changes (`alerting/lifecycle.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.state.models import AlertEventRow, AlertRow, NoticeGroupRow, SilenceRow


def get(session: Session, alert_id: str) -> AlertRow | None:
    """The episode `alert_id`; None when there is none."""
    return session.get(AlertRow, alert_id)


def open_by_fingerprint(session: Session, fingerprints: Collection[str]) -> dict[str, AlertRow]:
    """The open episodes of these rules on these series, by fingerprint."""
    query = sa.select(AlertRow).where(AlertRow.fingerprint.in_(fingerprints), AlertRow.status != "resolved")
    return {row.fingerprint: row for row in session.scalars(query)}


def last_resolved(session: Session, fingerprints: Collection[str]) -> dict[str, AlertRow]:
    """The episode of each that ended last, where there is one, by fingerprint."""
    if not fingerprints:
        return {}
    row = AlertRow
    newest = (
        sa.select(row.fingerprint, sa.func.max(row.resolved_at).label("at"))
        .where(row.fingerprint.in_(fingerprints), row.status == "resolved")
        .group_by(row.fingerprint)
        .subquery()
    )
    same = sa.and_(row.fingerprint == newest.c.fingerprint, row.resolved_at == newest.c.at)
    return {found.fingerprint: found for found in session.scalars(sa.select(row).join(newest, same))}


def due(session: Session, now: datetime, limit: int) -> Sequence[AlertRow]:
    """Episodes that must be looked at again by `now`, at most `limit`."""
    query = sa.select(AlertRow).where(AlertRow.due_at <= now).order_by(AlertRow.due_at).limit(limit)
    return session.scalars(query).all()


def next_deadline(session: Session) -> datetime | None:
    """When an episode, a group or a silence is due next; None when nothing is. Three looks into indexes."""
    found = session.scalars(
        sa.union_all(
            sa.select(sa.func.min(AlertRow.due_at)),
            sa.select(sa.func.min(NoticeGroupRow.flush_at)),
            sa.select(sa.func.min(SilenceRow.warn_at)),
        )
    )
    return min((instant for instant in found if instant is not None), default=None)


def open_of_types(session: Session, types: Collection[str]) -> Sequence[AlertRow]:
    """All open episodes of these alert types."""
    query = sa.select(AlertRow).where(AlertRow.type.in_(types), AlertRow.status != "resolved")
    return session.scalars(query.order_by(AlertRow.opened_at)).all()


def newest(
    session: Session, *, statuses: Collection[str] = (), project: str | None = None, limit: int = 100
) -> Sequence[AlertRow]:
    """Episodes, newest first; of these statuses (empty for all) and this project (None for all)."""
    query = sa.select(AlertRow).order_by(AlertRow.opened_at.desc(), AlertRow.id.desc()).limit(limit)
    if statuses:
        query = query.where(AlertRow.status.in_(statuses))
    if project is not None:
        query = query.where(AlertRow.project == project)
    return session.scalars(query).all()


def events_after(session: Session, project: str, sequence: int, limit: int) -> Sequence[AlertEventRow]:
    """Events of a project numbered above `sequence`, in order, at most `limit`."""
    row = AlertEventRow
    query = sa.select(row).where(row.project == project, row.sequence > sequence)
    return session.scalars(query.order_by(row.sequence).limit(limit)).all()


def all_events_after(session: Session, sequence: int, limit: int) -> Sequence[AlertEventRow]:
    """Events of all projects numbered above `sequence`, in order, at most `limit`."""
    row = AlertEventRow
    return session.scalars(sa.select(row).where(row.sequence > sequence).order_by(row.sequence).limit(limit)).all()


def newest_instant(session: Session) -> datetime | None:
    """When the last of all events happened; None when there is none."""
    row = AlertEventRow
    return session.scalar(sa.select(row.event_time).order_by(row.sequence.desc()).limit(1))


def newest_sequence(session: Session) -> int:
    """Number of the newest event; 0 when there is none."""
    return session.scalar(sa.select(sa.func.max(AlertEventRow.sequence))) or 0


def newest_sequences(session: Session) -> dict[str, int]:
    """Number of the newest event of every project that has one."""
    row = AlertEventRow
    query = sa.select(row.project, sa.func.max(row.sequence).label("newest")).group_by(row.project)
    return {found.project: found.newest for found in session.execute(query)}


def events_of(session: Session, alert_id: str, sequence: int, limit: int) -> Sequence[AlertEventRow]:
    """Events of one alert numbered above `sequence`, in order, at most `limit`."""
    row = AlertEventRow
    query = sa.select(row).where(row.alert_id == alert_id, row.sequence > sequence)
    return session.scalars(query.order_by(row.sequence).limit(limit)).all()
