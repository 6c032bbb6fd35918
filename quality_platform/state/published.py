"""What the lake is told of alerting: events and deliveries, by project, numbered in the order of their commits.

Belongs here: the queries. Does not belong here: how the lake is told (`alerting/publish.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.state import alerts
from quality_platform.state.models import AlertEventRow, AlertRow, DeliveryRow, OutboxAlertRow, OutboxRow

PLATFORM = "quality-platform"
"""Project of messages that are about no alert: reports and tests."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows by project: the number of the newest of each, and those after a number, oldest first, with their numbers."""

    name: str
    newest: Callable[[Session], Mapping[str, int]]
    after: Callable[[Session, str, int, int], Sequence[tuple[int, Row]]]


def _events_after(session: Session, project: str, number: int, limit: int) -> list[tuple[int, Row]]:
    return [(row.sequence, _event(row)) for row in alerts.events_after(session, project, number, limit)]


def _event(row: AlertEventRow) -> Row:
    return {**{column.key: getattr(row, column.key) for column in row.__table__.columns}, "alert_type": row.type}


_PROJECT: sa.ColumnElement[str] = sa.func.coalesce(AlertRow.project, PLATFORM)
_ATTEMPTS = (
    sa.select(DeliveryRow, OutboxRow)
    .join(OutboxRow, OutboxRow.message_id == DeliveryRow.message_id)
    .outerjoin(AlertRow, AlertRow.id == OutboxRow.alert_id)
)


def _newest_deliveries(session: Session) -> dict[str, int]:
    query = _ATTEMPTS.with_only_columns(_PROJECT.label("project"), sa.func.max(DeliveryRow.id).label("newest"))
    return {row.project: row.newest for row in session.execute(query.group_by(_PROJECT))}


def _deliveries_after(session: Session, project: str, number: int, limit: int) -> list[tuple[int, Row]]:
    query = _ATTEMPTS.where(_PROJECT.in_([project]), DeliveryRow.id > number).order_by(DeliveryRow.id).limit(limit)
    found = session.execute(query).all()
    spoken = _alerts_of(session, {message.position for _, message in found})
    return [(attempt.id, _delivery(attempt, message, spoken)) for attempt, message in found]


def _alerts_of(session: Session, positions: set[int]) -> dict[int, list[str]]:
    row = OutboxAlertRow
    spoken: dict[int, list[str]] = {}
    for found in session.scalars(sa.select(row).where(row.position.in_(positions)).order_by(row.alert_id)):
        spoken.setdefault(found.position, []).append(found.alert_id)
    return spoken


def _delivery(attempt: DeliveryRow, message: OutboxRow, spoken: Mapping[int, list[str]]) -> Row:
    return {
        "delivery_id": f"{message.message_id}/{attempt.attempt}/{attempt.id}", "message_id": message.message_id,
        "channel": attempt.channel, "kind": message.kind, "severity": message.severity,
        "alert_ids": json.dumps(spoken.get(message.position, [])), "attempt": attempt.attempt,
        "created_at": message.created_at, "started_at": attempt.started_at, "seconds": attempt.seconds,
        "outcome": attempt.outcome, "status": attempt.status, "error": attempt.error,
    }  # fmt: skip


EVENTS = Stream("alerts", alerts.newest_sequences, _events_after)
DELIVERIES = Stream("deliveries", _newest_deliveries, _deliveries_after)
