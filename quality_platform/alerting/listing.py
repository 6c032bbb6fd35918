"""Alerts as they stand, for lists: plain values, newest first."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from quality_platform.state.database import State
from quality_platform.state.models.alerts import AlertRow

COLUMNS = (
    "id", "status", "severity", "project", "rule", "type", "metric", "subject", "labels", "value", "threshold",
    "observed_at", "opened_at", "resolved_at", "reason", "message",
)  # fmt: skip


def alerts(
    state: State, *, status: str | None = None, project: str | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """Alerts of one status (`open` for active and acknowledged, None for all) and project, newest first."""
    query = sa.select(AlertRow).order_by(AlertRow.opened_at.desc(), AlertRow.id).limit(limit)
    if status == "open":
        query = query.where(AlertRow.status != "resolved")
    elif status:
        query = query.where(AlertRow.status == status)
    if project:
        query = query.where(AlertRow.project == project)
    with state.read() as session:
        return [{name: getattr(row, name) for name in COLUMNS} for row in session.scalars(query)]


def open_alerts(state: State) -> list[dict[str, Any]]:
    """All that are not resolved."""
    return alerts(state, status="open")
