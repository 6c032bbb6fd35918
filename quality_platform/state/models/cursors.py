"""Named places to go on from: what a sensor has seen, which state this is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from quality_platform.state.models.base import Base


class CursorRow(Base):
    """One cursor. `value` means what its owner says."""

    __tablename__ = "cursors"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    updated_at: Mapped[datetime]
