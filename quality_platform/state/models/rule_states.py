"""Memory of the rules: one row per rule and series, advanced in the transaction that writes what follows."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quality_platform.state.models.base import Base


class RuleStateRow(Base):
    """Level of one rule on one series, and the newest instant that it has judged."""

    __tablename__ = "rule_states"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(index=True)
    metric: Mapped[str]
    project: Mapped[str]
    subject: Mapped[str]
    labels: Mapped[str]
    level: Mapped[str]
    pending_since: Mapped[datetime | None]
    pending_level: Mapped[str]
    evaluated_to: Mapped[datetime | None]
    recovering_since: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    no_data: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
