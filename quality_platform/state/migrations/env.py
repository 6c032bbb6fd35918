"""Alembic's entry: migrates on the connection that `migrate.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from quality_platform.state.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter most things in place; Alembic then copies the table
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
