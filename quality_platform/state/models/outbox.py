"""The outbox (one row per message and channel) and its deliveries (one row per attempt)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quality_platform.state.models.base import COUNTER, Base


class OutboxRow(Base):
    """A message on its way to one channel. Its `payload` is frozen: a repeat says what the first try said.

    `lease_until` also names the lease: whoever holds another value has lost it. `refusals` counts answers
    after which trying again is of little use.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("ix_outbox_state_channel_next_at", "state", "channel", "next_at"),
        sa.Index("ix_outbox_alert_id_channel", "alert_id", "channel"),
        {"sqlite_autoincrement": True},
    )

    position: Mapped[int] = mapped_column(COUNTER, primary_key=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    alert_id: Mapped[str | None] = mapped_column(sa.ForeignKey("alerts.id"))
    kind: Mapped[str]
    payload: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    refusals: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    severity: Mapped[str] = mapped_column(default="info", server_default="info")


class OutboxAlertRow(Base):
    """Which alerts a message speaks of. Messages of one channel that share an alert leave in their order."""

    __tablename__ = "outbox_alerts"
    __table_args__ = (sa.Index("ix_outbox_alerts_alert_id", "alert_id", "position"),)

    position: Mapped[int] = mapped_column(
        COUNTER, sa.ForeignKey("outbox.position"), primary_key=True, autoincrement=False
    )
    alert_id: Mapped[str] = mapped_column(sa.ForeignKey("alerts.id"), primary_key=True)


class DeliveryRow(Base):
    """One attempt to deliver a message."""

    __tablename__ = "deliveries"
    __table_args__ = (sa.Index("ix_deliveries_channel_id", "channel", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(COUNTER, primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.ForeignKey("outbox.message_id"), index=True)
    channel: Mapped[str]
    attempt: Mapped[int]
    started_at: Mapped[datetime]
    seconds: Mapped[float]
    outcome: Mapped[str]
    status: Mapped[int | None]
    error: Mapped[str | None]
