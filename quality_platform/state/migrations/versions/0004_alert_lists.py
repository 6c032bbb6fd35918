"""Indexes that lists of alerts read their pages from, and one for the deliveries of a channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_OPEN = sa.text("status <> 'resolved'")


def upgrade() -> None:
    """Apply."""
    for name, columns in (
        ("ix_alerts_open_opened_at", ["opened_at", "id"]),
        ("ix_alerts_open_severity", ["severity", "opened_at", "id", "status"]),
        ("ix_alerts_open_project", ["project", "opened_at", "id"]),
    ):
        op.create_index(name, "alerts", columns, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("ix_alerts_opened_at_id", "alerts", ["opened_at", "id"])
    op.create_index("ix_deliveries_channel_id", "deliveries", ["channel", "id"])
