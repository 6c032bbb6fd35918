"""Alerts (one row per episode, from firing to resolved) and their events (one row per transition, kept for good)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quality_platform.state.models.base import COUNTER, Base

OPEN = sa.text("status <> 'resolved'")


def _of_open(name: str, *columns: str) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=OPEN, postgresql_where=OPEN)


class AlertRow(Base):
    """An episode. `fingerprint` (rule and series) is the same in every episode, and has one open at most."""

    __tablename__ = "alerts"
    __table_args__ = (
        sa.Index("uq_alerts_open_fingerprint", "fingerprint", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        sa.Index("ix_alerts_status_opened_at", "status", "opened_at"),
        sa.Index("ix_alerts_due_at", "due_at"),
        sa.Index("ix_alerts_fingerprint_resolved_at", "fingerprint", "resolved_at"),
        # lists read their pages from these (`state/alert_lists.py`)
        _of_open("ix_alerts_open_opened_at", "opened_at", "id"),
        _of_open("ix_alerts_open_severity", "severity", "opened_at", "id", "status"),
        _of_open("ix_alerts_open_project", "project", "opened_at", "id"),
        sa.Index("ix_alerts_opened_at_id", "opened_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    rule: Mapped[str]
    type: Mapped[str]
    metric: Mapped[str]
    project: Mapped[str]
    subject: Mapped[str]
    labels: Mapped[str]
    severity: Mapped[str]
    status: Mapped[str]
    value: Mapped[float | None]
    threshold: Mapped[float | None]
    observed_at: Mapped[datetime]
    message: Mapped[str]
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    origin: Mapped[str] = mapped_column(default="rule", server_default="rule")
    """Who made it: `rule`, `api` (POST) or `alertmanager` (pushed by its API)."""
    routing_labels: Mapped[str] = mapped_column(default="{}", server_default="{}")
    """All labels that routes, silences and inhibitions match, as JSON; set when it opens and when it changes."""
    annotations: Mapped[str] = mapped_column(default="{}", server_default="{}")
    breached_at: Mapped[datetime | None]
    condition: Mapped[str] = mapped_column(default="firing", server_default="firing")
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    acknowledged_until: Mapped[datetime | None]
    assignee: Mapped[str | None]
    snoozed_until: Mapped[datetime | None]
    flapping: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    reopened: Mapped[int] = mapped_column(default=0, server_default="0")
    manual: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    held_until: Mapped[datetime | None]
    """After a person resolved it: it stays closed until then, whatever the rule says."""
    ends_at: Mapped[datetime | None]
    generator_url: Mapped[str | None]
    actionable: Mapped[bool | None]
    silenced_by: Mapped[str] = mapped_column(default="[]", server_default="[]")
    inhibited_by: Mapped[str] = mapped_column(default="[]", server_default="[]")
    muted_by: Mapped[str] = mapped_column(default="[]", server_default="[]")
    escalation: Mapped[str | None]
    escalation_step: Mapped[int] = mapped_column(default=0, server_default="0")
    escalated_from: Mapped[datetime | None]
    escalation_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """When it must be looked at again though nothing arrives: a repeat, an escalation, the end of a silence."""


class AlertEventRow(Base):
    """A transition of an alert with its evidence. `sequence` numbers them in the order of their commits."""

    __tablename__ = "alert_events"
    __table_args__ = (
        sa.Index("ix_alert_events_project_sequence", "project", "sequence"),
        {"sqlite_autoincrement": True},
    )

    sequence: Mapped[int] = mapped_column(COUNTER, primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    alert_id: Mapped[str] = mapped_column(sa.ForeignKey("alerts.id"), index=True)
    event_time: Mapped[datetime]
    kind: Mapped[str]
    rule: Mapped[str]
    type: Mapped[str]
    severity: Mapped[str]
    metric: Mapped[str]
    project: Mapped[str]
    subject: Mapped[str]
    labels: Mapped[str]
    value: Mapped[float | None]
    threshold: Mapped[float | None]
    observed_at: Mapped[datetime]
    batch_id: Mapped[str | None]
    message: Mapped[str]
    reason: Mapped[str | None]
    breached_at: Mapped[datetime | None]
    actor: Mapped[str | None]
    note: Mapped[str | None]


class FlapRow(Base):
    """The newest changes of one fingerprint, across its episodes."""

    __tablename__ = "flaps"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    changes: Mapped[str]
    since: Mapped[datetime | None]
    """Since when it flaps; null where it does not."""
    cycles: Mapped[int] = mapped_column(default=0)
