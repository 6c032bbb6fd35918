"""Silences: who wants not to be told of what, until when, and why."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quality_platform.state.models.base import Base


class SilenceRow(Base):
    """One silence. `matchers` is a JSON list in Alertmanager's form (name, value, isRegex, isEqual)."""

    __tablename__ = "silences"
    __table_args__ = (sa.Index("ix_silences_ends_at", "ends_at"), sa.Index("ix_silences_warn_at", "warn_at"))

    id: Mapped[str] = mapped_column(primary_key=True)
    matchers: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    created_by: Mapped[str]
    comment: Mapped[str]
    kinds: Mapped[str] = mapped_column(default='["firing", "repeat"]')
    expire_on_resolve: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    warn_at: Mapped[datetime | None]
    """When it is to be said that it ends soon; None once it was, or where it is too short for that."""
