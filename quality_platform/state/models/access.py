"""Who may do what: project keys for sending, tokens with roles for the rest, and the audit of every change."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quality_platform.state.models.base import COUNTER, Base


class ProjectNumberRow(Base):
    """A number for a project, because Sentry's clients take no name in a DSN."""

    __tablename__ = "project_numbers"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(COUNTER, primary_key=True)
    project: Mapped[str] = mapped_column(unique=True)


class IngestKeyRow(Base):
    """A key that lets applications send to one project. The key itself is not kept."""

    __tablename__ = "ingest_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    project: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    label: Mapped[str | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class TokenRow(Base):
    """A token of a person or program, with a role. The token itself is not kept."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class AuditRow(Base):
    """One change: who did what to what. `details` is JSON without secrets."""

    __tablename__ = "audit"
    __table_args__ = (sa.Index("ix_audit_at", "at"), {"sqlite_autoincrement": True})

    position: Mapped[int] = mapped_column(COUNTER, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[str]
    chain: Mapped[str] = mapped_column(default="", server_default=sa.text("''"))
