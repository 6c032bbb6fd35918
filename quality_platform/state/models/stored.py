"""Configuration that the API made, beside what `quality.yaml` says: rules, channels, routes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quality_platform.state.models.base import Base


class StoredRow(Base):
    """One thing: `kind` (rule, channel, routing, project, metric), its name, its body as JSON.

    Secrets in `body` are encrypted by whoever writes it. `version` counts its changes.
    """

    __tablename__ = "stored"
    __table_args__ = (sa.UniqueConstraint("kind", "name", name="uq_stored_kind_name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    body: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class ChannelHealthRow(Base):
    """How a channel has answered of late: `healthy`, `unhealthy` (its circuit is open) or `disabled` (it is gone)."""

    __tablename__ = "channel_health"

    channel: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    since: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_error: Mapped[str | None]
