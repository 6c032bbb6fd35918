"""Connections to the state database, with the guarantees that every transaction relies on.

Belongs here: what differs between SQLite and PostgreSQL when a connection or a transaction opens. Does not
belong here: tables (`models/`), migrations (`migrate.py`) or queries.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from quality_platform.errors import ConfigurationError, StateError
from quality_platform.settings import Settings

SCHEMA = "quality_platform"
WAIT_SECONDS = 30


def state_file(settings: Settings) -> Path:
    """Where the embedded set-up keeps its state."""
    return settings.root / "state" / "state.sqlite"


def make_engine(settings: Settings) -> sa.Engine:
    """An engine for the state of `settings`; opens nothing yet. Raises ConfigurationError for a bad
    address, StateError for a folder that cannot be made."""
    if settings.postgres_url is None:
        return _sqlite(_placed(settings))
    return _postgres(settings.postgres_url.get_secret_value())


def _placed(settings: Settings) -> Path:
    path = state_file(settings)
    try:
        settings.place(path.parent)
    except OSError as error:
        raise StateError(
            f"{path.parent} cannot be used: {error.strerror}.", hint="Set QUALITY_PLATFORM_HOME."
        ) from None
    return path


def _sqlite(path: Path) -> sa.Engine:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # the driver must not begin transactions by itself: it would begin them as readers, and a reader that
    # turns writer fails at once with «database is locked» instead of waiting
    connection.isolation_level = None
    for pragma in (f"busy_timeout = {WAIT_SECONDS * 1000}", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _postgres(address: str) -> sa.Engine:
    try:
        url = sa.make_url(address).set(drivername="postgresql+psycopg")
    except sa.exc.ArgumentError:
        raise ConfigurationError(
            "QUALITY_PLATFORM_POSTGRES_URL is not a PostgreSQL address.",
            hint="Write postgresql://user:password@host:5432/database.",
        ) from None
    # a server that went away and came back leaves dead connections in the pool: ask before each use
    engine = sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    event.listen(engine, "connect", _prepare_postgres, insert=True)
    return engine


def _prepare_postgres(connection: Any, _record: object) -> None:
    # no parameter of the address, since poolers refuse unknown ones at start-up
    connection.execute(f"SET search_path TO {SCHEMA}")
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()
