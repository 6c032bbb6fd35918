"""Project numbers, ingest keys, tokens, the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INSTANT = sa.DateTime(timezone=True)
_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "project_numbers",
        sa.Column("number", _COUNTER, autoincrement=True, nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_project_numbers"),
        sa.UniqueConstraint("project", name="uq_project_numbers_project"),
        sqlite_autoincrement=True,
    )
    _secret_table("ingest_keys", sa.Column("project", sa.Text(), nullable=False), sa.Column("label", sa.Text()))
    _secret_table(
        "tokens",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("expires_at", _INSTANT),
    )
    op.create_table(
        "audit",
        sa.Column("position", _COUNTER, autoincrement=True, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])


def _secret_table(name: str, *own: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Text(), nullable=False),
        *own,
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", _INSTANT),
        sa.Column("last_used_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("digest", name=f"uq_{name}_digest"),
    )
