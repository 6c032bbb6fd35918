"""A transaction is whole or not at all, waits for its turn, and fails with a sentence."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from quality_platform.errors import StateError
from quality_platform.state import cursors
from quality_platform.state.database import Serial, State
from quality_platform.state.models import CursorRow

NOW = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


def test_what_fails_half_way_leaves_nothing(state: State) -> None:
    with suppress(KeyError), state.write() as session:
        cursors.write(session, "a", "1", NOW)
        session.flush()
        raise KeyError
    with state.read() as session:
        assert cursors.read(session, "a") is None


def test_a_cursor_is_written_and_overwritten(state: State) -> None:
    for value in ("1", "2"):
        with state.write() as session:
            cursors.write(session, "a", value, NOW)
    with state.read() as session:
        assert (cursors.read(session, "a"), cursors.read(session, "b")) == ("2", None)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=30))])
def test_an_instant_comes_back_in_utc_to_the_microsecond(state: State, zone: timezone) -> None:
    with state.write() as session:
        cursors.write(session, "a", "1", NOW.astimezone(zone))
    with state.read() as session:
        found = session.get_one(CursorRow, "a").updated_at
    assert found == NOW
    assert found.utcoffset() == timedelta(0)


def test_a_naive_instant_is_refused(state: State) -> None:
    with state.write() as session:
        session.add(CursorRow(name="a", value="1", updated_at=NOW.replace(tzinfo=None)))
        with pytest.raises(sa.exc.StatementError, match="naive instant"):
            session.flush()
        session.rollback()


def test_a_name_with_nul_in_it_does_not_fail_what_is_written_with_it(state: State) -> None:
    with state.write() as session:
        cursors.write(session, "a", "x\0y", NOW)
    with state.read() as session:
        assert cursors.read(session, "a") == "x\ufffdy"


def test_a_constraint_that_is_hurt_is_a_state_error(state: State) -> None:
    twice = sa.insert(CursorRow).values([{"name": "a", "value": "1", "updated_at": NOW}] * 2)
    with pytest.raises(StateError, match="state database failed"), state.write() as session:
        session.execute(twice)


def count_up(state: State, serial: Serial | None) -> str | None:
    """Four threads that each read a number and write the next, 20 times; the number at the end."""

    def count() -> None:
        for _ in range(20):
            with state.write(serial=serial) as session:
                cursors.write(session, "n", str(int(cursors.read(session, "n") or 0) + 1), NOW)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with state.read() as session:
        return cursors.read(session, "n")


def test_writers_of_one_name_wait_for_each_other(state: State) -> None:
    assert count_up(state, "alerts") == "80"


def test_on_sqlite_every_writer_waits(state_on_sqlite: State) -> None:
    assert count_up(state_on_sqlite, None) == "80"


def test_a_reader_is_not_held_up_by_a_writer(state: State) -> None:
    with state.write() as writer:
        cursors.write(writer, "a", "1", NOW)
        writer.flush()
        with state.read() as reader:
            assert cursors.read(reader, "a") is None


def test_sqlite_keeps_what_it_has_acknowledged(state_on_sqlite: State) -> None:
    with state_on_sqlite.read() as session:
        pragmas = {name: session.scalar(sa.text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")}
        enforced = session.scalar(sa.text("PRAGMA foreign_keys"))
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}
    assert enforced == 1
