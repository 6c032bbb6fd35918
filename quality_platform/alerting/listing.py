"""Alerts as they stand, for lists: plain values, newest first."""

from __future__ import annotations

from typing import Any

from quality_platform.state import alerts as stored
from quality_platform.state.database import State

OPEN = ("active", "acknowledged")
COLUMNS = (
    "id", "status", "severity", "project", "rule", "type", "metric", "subject", "labels", "value", "threshold",
    "observed_at", "opened_at", "resolved_at", "reason", "message",
)  # fmt: skip


def alerts(
    state: State, *, status: str | None = None, project: str | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """Alerts of one status (`open` for active and acknowledged, None for all) and project, newest first."""
    statuses: tuple[str, ...] = () if status is None else OPEN if status == "open" else (status,)
    with state.read() as session:
        rows = stored.newest(session, statuses=statuses, project=project, limit=limit)
        return [{name: getattr(row, name) for name in COLUMNS} for row in rows]


def open_alerts(state: State) -> list[dict[str, Any]]:
    """All that are not resolved."""
    return alerts(state, status="open")
