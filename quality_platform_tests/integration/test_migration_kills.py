"""`kill -9` inside a migration, at every kind of place: nothing of it stays, no row is lost, the next start completes it.

The victim kills itself just before the statement that is named, which no signal from outside could hit.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import event

import quality_platform.state
from quality_platform.settings import Settings
from quality_platform.state import migrate
from quality_platform.state.database import State
from quality_platform.state.engine import make_engine
from quality_platform.state.models import Base
from quality_platform_tests.data.waiting import WAIT_SECONDS

OLD = "0002"
ROWS = 3
PLACES = ("ALTER TABLE rule_states", "CREATE TABLE notices", "INSERT INTO outbox_alerts", "ALTER TABLE audit", "COMMIT")
"""The first change, a new table, rows that are copied, the last change, and all done but the end."""

Rows = dict[str, list[tuple[Any, ...]]]


def upgrade_to(settings: Settings, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(quality_platform.state.__file__).parent / "migrations"))
    engine = make_engine(settings)
    with migrate._alone(settings, engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def value(column: sa.Column[Any], number: int) -> object:
    """Something for a column; what refers to another one says the same as that."""
    named = next((key.column.name for key in column.foreign_keys), column.name)
    kinds: dict[type, object] = {int: number, float: number / 2, str: f"{named}-{number}"}
    return kinds.get(column.type.python_type, datetime(2026, 3, 2, 12, number, tzinfo=UTC))


def fill(settings: Settings) -> sa.MetaData:
    """Rows in every table that there is; returns the tables."""
    engine, tables = make_engine(settings), sa.MetaData()
    with engine.begin() as connection:
        tables.reflect(connection)
        tables.remove(tables.tables["alembic_version"])
        for table in tables.sorted_tables:
            rows = [{each.name: value(each, number) for each in table.columns} for number in range(1, ROWS + 1)]
            connection.execute(table.insert(), rows)
    engine.dispose()
    return tables


def found(settings: Settings, tables: sa.MetaData) -> Rows:
    """What the columns of before hold."""
    engine = make_engine(settings)
    with engine.connect() as connection:
        rows = {
            table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]
            for table in tables.sorted_tables
        }
    engine.dispose()
    return rows


def upgrade_and_die(settings: Settings, place: str) -> None:
    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def before(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith(place):
            die()

    event.listen(sa.Engine, "before_cursor_execute", before)
    if place == "COMMIT":
        event.listen(sa.Engine, "commit", lambda _connection: die())
    migrate.upgrade(settings)


@pytest.mark.parametrize("place", PLACES)
def test_a_kill_inside_a_migration_leaves_it_undone_and_the_next_start_completes_it(
    both_settings: Settings, place: str
) -> None:
    upgrade_to(both_settings, OLD)
    tables = fill(both_settings)
    before = found(both_settings, tables)
    assert {len(rows) for rows in before.values()} == {ROWS}

    victim = multiprocessing.get_context("spawn").Process(target=upgrade_and_die, args=(both_settings, place))
    victim.start()
    victim.join(WAIT_SECONDS)
    assert victim.exitcode == -signal.SIGKILL
    assert found(both_settings, tables) == before

    migrate.upgrade(both_settings)
    assert found(both_settings, tables) == before
    with closing(State(both_settings)) as state, state.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        spoken_of = connection.execute(sa.text("SELECT position, alert_id FROM outbox_alerts ORDER BY position"))
        assert [tuple(row) for row in spoken_of] == [(number, f"id-{number}") for number in range(1, ROWS + 1)]
