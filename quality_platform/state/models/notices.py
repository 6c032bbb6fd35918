"""Who has been told what about which alert, and the groups that messages are put together in.

A notice is what makes the promise possible that who was told of a start is told of the end.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quality_platform.state.models.base import Base


class NoticeRow(Base):
    """One alert and one channel: what it was told last, what waits to be told.

    `told` is the severity told last, null while nothing was; `waiting` the kind of the news that waits for its group or
    for the end of what holds it back.
    """

    __tablename__ = "notices"
    __table_args__ = (sa.Index("ix_notices_channel_group_key", "channel", "group_key"),)

    alert_id: Mapped[str] = mapped_column(sa.ForeignKey("alerts.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str]
    group_key: Mapped[str]
    told: Mapped[str | None]
    told_kind: Mapped[str | None]
    told_at: Mapped[datetime | None]
    waiting: Mapped[str | None]
    waiting_since: Mapped[datetime | None]
    held: Mapped[bool] = mapped_column(default=False)
    """Whether a silence, a mute window, an inhibition, a snooze or flapping holds `waiting` back."""
    repeat_at: Mapped[datetime | None]
    repeat_seconds: Mapped[float] = mapped_column(default=0.0)


class NoticeGroupRow(Base):
    """One group of one channel: when it was sent last, and when what waits in it is to be sent."""

    __tablename__ = "notice_groups"
    __table_args__ = (sa.Index("ix_notice_groups_flush_at", "flush_at"),)

    channel: Mapped[str] = mapped_column(primary_key=True)
    group_key: Mapped[str] = mapped_column(primary_key=True)
    flushed_at: Mapped[datetime | None]
    flush_at: Mapped[datetime | None]
    burst: Mapped[int] = mapped_column(default=0)
    """Messages since the group was last quiet."""
