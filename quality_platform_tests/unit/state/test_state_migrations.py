"""Migrations lead to exactly the tables that the models describe, on both databases, whoever calls them."""

from __future__ import annotations

import multiprocessing
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import quality_platform.state
from quality_platform.errors import StateError
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.state.migrate import upgrade
from quality_platform.state.models import Base
from quality_platform.state.revision import HEAD


def test_an_empty_database_gets_exactly_the_tables_of_the_models(both_settings: Settings) -> None:
    upgrade(both_settings)
    with closing(State(both_settings)) as state, state.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_second_upgrade_changes_nothing(both_settings: Settings) -> None:
    upgrade(both_settings)
    with closing(State(both_settings)) as state:
        with state.write() as session:
            session.execute(sa.text("INSERT INTO cursors VALUES ('a', 'b', '2026-01-01 00:00:00')"))
        upgrade(both_settings)
        with state.read() as session:
            assert session.scalar(sa.text("SELECT value FROM cursors")) == "b"


def test_processes_that_upgrade_at_once_agree(both_settings: Settings) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=upgrade, args=(both_settings,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    with closing(State(both_settings)) as state, state.read() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM alerts")) == 0


def test_postgres_tables_live_in_their_own_schema(postgres_url: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, postgres_url=postgres_url)
    upgrade(settings)
    with closing(State(settings)) as state, state.engine.connect() as connection:
        schemas = connection.scalars(
            sa.text("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename IN ('outbox', 'alembic_version')")
        ).all()
    assert schemas == ["quality_platform"]


def test_the_named_revision_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(quality_platform.state.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_state_that_was_never_set_up_says_so(both_settings: Settings) -> None:
    with (
        closing(State(both_settings)) as state,
        pytest.raises(StateError, match=r"has not been set up.*quality-platform up"),
        state.read(),
    ):
        pass


def test_a_state_of_another_version_says_so(both_settings: Settings) -> None:
    upgrade(both_settings)
    with closing(State(both_settings)) as state:
        with state.engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(StateError, match=rf"revision 9999, this version needs {HEAD}"), state.read():
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(StateError, match="cannot be used"):
        upgrade(Settings(home=blocker))


def test_a_server_that_is_not_there_is_a_clear_error_without_the_password(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, postgres_url="postgresql://me:hunter2@127.0.0.1:1/none")
    with pytest.raises(StateError, match="could not be migrated") as caught:
        upgrade(settings)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(StateError) as caught, State(settings).read():
        pass
    assert "hunter2" not in str(caught.value)
