"""Project keys: public, good for sending alone. Made, listed, revoked, looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.access import secrets
from quality_platform.errors import UsageError
from quality_platform.state import audit
from quality_platform.state.database import State
from quality_platform.state.identity import new_id
from quality_platform.state.models import IngestKeyRow, ProjectNumberRow

PREFIX = "qpk_"
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key, shown this once, and the number that stands for its project in a Sentry DSN."""

    project: str
    key: str
    number: int


def create(state: State, project: str, now: datetime, *, actor: str, label: str | None = None) -> NewKey:
    """A new key for `project`. Raises UsageError for a name that no project can have."""
    if not _PROJECT.fullmatch(project):
        raise UsageError(
            f"{project!r} is no project's name.",
            hint="Letters, digits, dots, dashes and underscores, beginning with a letter or digit.",
        )
    key = secrets.new(PREFIX)
    with state.write() as session:
        number = _number(session, project)
        row = IngestKeyRow(
            id=new_id(now), project=project, digest=secrets.digest(key), prefix=secrets.shown(key, PREFIX), label=label,
            created_at=now, created_by=actor,
        )  # fmt: skip
        session.add(row)
        audit.record(session, now, actor=actor, action="key.create", subject=project, details={"prefix": row.prefix})
    return NewKey(project, key, number)


def listed(state: State, project: str | None = None) -> Sequence[IngestKeyRow]:
    """Keys, newest first, revoked ones among them."""
    query = sa.select(IngestKeyRow).order_by(IngestKeyRow.created_at.desc())
    if project is not None:
        query = query.where(IngestKeyRow.project == project)
    with state.read() as session:
        return session.scalars(query).all()


def revoke(state: State, prefix: str, now: datetime, *, actor: str) -> Sequence[str]:
    """Make the keys that begin with `prefix` worthless; returns their projects. Raises UsageError when none does."""
    with state.write() as session:
        found = session.scalars(
            sa.select(IngestKeyRow).where(
                IngestKeyRow.prefix == prefix[: len(PREFIX) + secrets.SHOWN], IngestKeyRow.revoked_at.is_(None)
            )
        ).all()
        if not found:
            raise UsageError(f"No key in use begins with {prefix!r}.", hint="`quality-platform keys list` shows them.")
        for row in found:
            row.revoked_at = now
            audit.record(
                session, now, actor=actor, action="key.revoke", subject=row.project, details={"prefix": row.prefix}
            )
        return [row.project for row in found]


def projects_by_digest(state: State) -> Mapping[str, str]:
    """Project of every key in use, by the key's digest."""
    query = sa.select(IngestKeyRow.digest, IngestKeyRow.project).where(IngestKeyRow.revoked_at.is_(None))
    with state.read() as session:
        return {row.digest: row.project for row in session.execute(query)}


def used(state: State, instants: Mapping[str, datetime]) -> None:
    """Note when keys, named by digest, were last used."""
    with state.write() as session:
        for digest, instant in instants.items():
            session.execute(sa.update(IngestKeyRow).where(IngestKeyRow.digest == digest).values(last_used_at=instant))


def _number(session: Session, project: str) -> int:
    found = session.scalar(sa.select(ProjectNumberRow.number).where(ProjectNumberRow.project == project))
    if found is not None:
        return found
    row = ProjectNumberRow(project=project)
    session.add(row)
    session.flush()
    return row.number
