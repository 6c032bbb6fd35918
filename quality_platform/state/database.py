"""`State`: the one door to the state database. Every change is a transaction on it.

Belongs here: how a transaction begins, ends and fails. Does not belong here: what is read or written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.errors import StateError
from quality_platform.settings import Settings
from quality_platform.state.engine import make_engine
from quality_platform.state.revision import HEAD

Serial = Literal["alerts", "audit"]
_ADVISORY: dict[Serial, int] = {"alerts": 7_202_101, "audit": 7_202_102}


class State:
    """The state of one platform. Connects when first used; safe to share by threads."""

    def __init__(self, settings: Settings) -> None:
        self.engine = make_engine(settings)
        self._checked = False

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads, at one snapshot on SQLite. Raises StateError."""
        with self._session(reads_only=True) as session:
            yield session

    @contextmanager
    def write(self, *, serial: Serial | None = None) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back on an error. Raises StateError.

        SQLite lets one writer in at a time. On PostgreSQL `serial` names the writers that must not overlap:
        sequence numbers then become visible in order, so that a reader who goes by them misses none.
        """
        with self._session(reads_only=False) as session:
            if serial is not None:
                serialise(session, serial)
            yield session

    @contextmanager
    def _session(self, *, reads_only: bool) -> Iterator[Session]:
        try:
            with self.engine.connect() as connection:
                if not self._checked:
                    _require_head(connection.execution_options(reads_only=True))
                    self._checked = True
                connection.execution_options(reads_only=reads_only)
                with Session(connection, expire_on_commit=False) as session, session.begin():
                    yield session
        except sa.exc.DBAPIError as error:
            raise StateError(f"The state database failed: {_cause(error)}") from error


def serialise(session: Session, serial: Serial) -> None:
    """Hold the other writers of this kind off until the transaction ends; on SQLite they are held off already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY[serial])))


def _require_head(connection: sa.Connection) -> None:
    found = None
    with connection.begin():
        if sa.inspect(connection).has_table("alembic_version"):
            found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if found != HEAD:
        what = "has not been set up" if found is None else f"is at revision {found}, this version needs {HEAD}"
        raise StateError(f"The state database {what}.", hint="Run `quality-platform up` first.")


def _cause(error: sa.exc.DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__
