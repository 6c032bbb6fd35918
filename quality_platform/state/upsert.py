"""Insert or update, which SQLite and PostgreSQL spell alike but SQLAlchemy keeps in two places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from quality_platform.state.models import Base


def upsert(session: Session, table: type[Base], rows: Sequence[Mapping[str, object]], *, key: str) -> None:
    """Insert `rows`, which all name the same columns; one whose `key` is there already takes the new values."""
    # the two classes share no base that has on_conflict_do_update
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name != key}
    session.execute(statement.on_conflict_do_update(index_elements=[key], set_=changed), list(rows))
