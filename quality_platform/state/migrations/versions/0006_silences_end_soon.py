"""When it is to be said that a silence ends soon; replaces a mark that nothing set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("silences") as table:
        table.drop_column("warned")
        table.add_column(sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True))
        table.create_index("ix_silences_warn_at", ["warn_at"])
