"""Alerts as they stand, for lists: plain values under the names of the HTTP interface.

Belongs here: what is shown of an alert, of a transition, of a series whose rule still waits. Does not belong here: the
queries (`state/alert_lists.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson

from quality_platform.alerting.notices import labels
from quality_platform.alerting.plan import Plan
from quality_platform.state import alerts as stored
from quality_platform.state.database import State
from quality_platform.state.models import AlertEventRow, AlertRow, RuleStateRow

OPEN = ("active", "acknowledged")
COLUMNS = (
    "id", "status", "severity", "project", "rule", "type", "metric", "subject", "labels", "value", "threshold",
    "observed_at", "opened_at", "resolved_at", "reason", "message",
)  # fmt: skip
_AS_THEY_ARE = (
    "id", "version", "fingerprint", "status", "severity", "rule", "subject", "message", "observed_at", "opened_at",
    "updated_at", "breached_at", "resolved_at", "reason", "origin", "condition", "acknowledged_at", "acknowledged_by",
    "acknowledged_until", "assignee", "snoozed_until", "flapping", "reopened", "manual", "actionable", "ends_at",
    "generator_url", "escalation", "escalation_step",
)  # fmt: skip
_LISTS = ("silenced_by", "inhibited_by", "muted_by")


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


def shown(row: AlertRow) -> dict[str, Any]:
    """An alert under the names of the HTTP interface."""
    found = {name: getattr(row, name) for name in _AS_THEY_ARE}
    return {
        **found, **{name: orjson.loads(getattr(row, name)) for name in _LISTS}, **_names(row),
        "labels": dict(labels_of(row)), "annotations": orjson.loads(row.annotations),
    }  # fmt: skip


def labels_of(row: AlertRow) -> Mapping[str, str]:
    """The labels that an alert is found by: those that routes match, and of a pushed one those it was sent with."""
    found: Mapping[str, str] = orjson.loads(row.routing_labels) or labels.read(row)
    return found if row.origin == "rule" else {**found, **orjson.loads(row.labels)}


def event_shown(row: AlertEventRow) -> dict[str, Any]:
    """One transition of an alert."""
    names = (
        "sequence", "event_id", "alert_id", "event_time", "kind", "severity", "observed_at", "batch_id", "message",
        "reason", "actor", "note",
    )  # fmt: skip
    return {**{name: getattr(row, name) for name in names}, "value": row.value, "threshold": row.threshold}


def pending_shown(rows: Iterable[RuleStateRow], plan: Plan) -> list[dict[str, Any]]:
    """Series that breach their rule and wait for its time to pass: alerts that are none yet, and so have no id."""
    return [each for row in rows if (each := _pending(row, plan)) is not None]


def _pending(row: RuleStateRow, plan: Plan) -> dict[str, Any] | None:
    rule = plan.rules.get(row.rule)
    if rule is None:
        return None
    return {
        "id": None, "fingerprint": row.fingerprint, "status": "pending", "condition": "pending",
        "severity": row.pending_level, "rule": row.rule, "alert_type": rule.type, "metric_name": row.metric,
        "project_id": row.project, "subject": row.subject, "labels": json.loads(row.labels),
        "opened_at": row.pending_since, "observed_at": row.evaluated_to,
        "message": f"{row.rule}: not for long enough yet.",
    }  # fmt: skip


def _names(row: AlertRow) -> dict[str, Any]:
    return {
        "project_id": row.project, "alert_type": row.type, "metric_name": row.metric, "current_value": row.value,
        "threshold_value": row.threshold,
    }  # fmt: skip


def instant(value: datetime) -> str:
    """An instant as JSON has it."""
    return value.isoformat().replace("+00:00", "Z")
