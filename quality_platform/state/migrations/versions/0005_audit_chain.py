"""A digest on every entry of the audit, so that one that was tampered with is seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply."""
    op.add_column("audit", sa.Column("chain", sa.Text(), nullable=False, server_default=sa.text("''")))
