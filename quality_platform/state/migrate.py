"""Bringing the state database to the newest revision. Safe to call at every start and by two at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from quality_platform.errors import StateError
from quality_platform.settings import Settings
from quality_platform.state.engine import SCHEMA, make_engine, state_file

_ADVISORY = 7_202_100


def upgrade(settings: Settings) -> None:
    """Create or migrate the tables; does nothing where they are current. Raises StateError."""
    from alembic import command
    from alembic.config import Config

    engine = make_engine(settings)
    try:
        with _alone(settings, engine) as connection:
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except sa.exc.SQLAlchemyError as error:
        raise StateError(f"The state database could not be migrated: {_cause(error)}") from error
    finally:
        engine.dispose()


@contextmanager
def _alone(settings: Settings, engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection inside one transaction, while no other process migrates."""
    if settings.postgres_url is None:
        with _file_lock(settings), engine.connect() as connection:
            # a property of the file; set while nobody else has it open, since the switch does not wait
            connection.connection.cursor().execute("PRAGMA journal_mode = WAL")
            with connection.begin():
                yield connection
        return
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY)))
        connection.execute(sa.schema.CreateSchema(SCHEMA, if_not_exists=True))
        yield connection


@contextmanager
def _file_lock(settings: Settings) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        with FileLock(state_file(settings).with_suffix(".lock"), timeout=settings.lock_timeout_seconds):
            yield
    except Timeout as error:
        raise StateError(
            "Another process has been migrating the state database for too long.",
            hint=f"Let it finish or end it; it holds {error.lock_file}.",
        ) from error


def _cause(error: sa.exc.SQLAlchemyError) -> str:
    """The database's own first line, without SQLAlchemy's references."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
