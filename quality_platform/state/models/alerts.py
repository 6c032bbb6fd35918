"""Alerts (one row per episode, from firing to resolved) and their events (one row per transition, kept for good)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quality_platform.state.models.base import COUNTER, Base

OPEN = sa.text("status <> 'resolved'")


class AlertRow(Base):
    """An episode. `fingerprint` (rule and series) is the same in every episode, and has one open at most."""

    __tablename__ = "alerts"
    __table_args__ = (
        sa.Index("uq_alerts_open_fingerprint", "fingerprint", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        sa.Index("ix_alerts_status_opened_at", "status", "opened_at"),
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
