"""Identities that were stored: remembered for three days, whatever the clock does, and not lost with a damaged file."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.api.drain.seen import DAYS, Seen, fingerprint
from quality_platform.settings import Settings

DAY = 86_400_000_000
NOW = 20_000 * DAY


def mark(number: int) -> bytes:
    return fingerprint("p", "event", str(number))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_what_was_marked_is_known_also_after_a_restart(settings: Settings) -> None:
    with closing(Seen(settings)) as seen:
        seen.mark([mark(1), mark(2)], NOW)
    with closing(Seen(settings)) as seen:
        assert seen.known([mark(1), mark(3)]) == {mark(1)}


def test_old_days_are_forgotten(settings: Settings) -> None:
    with closing(Seen(settings)) as seen:
        for day in range(DAYS + 2):
            seen.mark([mark(day)], NOW + day * DAY)
        assert seen.known(mark(day) for day in range(DAYS + 2)) == {mark(day) for day in range(2, DAYS + 2)}


@given(jump=st.sampled_from([-3650, -400, -2, -1, 1, 2, 400, 3650]), after=st.integers(0, 3))
def test_a_clock_that_jumps_and_comes_back_forgets_nothing_of_the_day(
    jump: int, after: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with closing(Seen(Settings(home=tmp_path_factory.mktemp("seen")))) as seen:
        seen.mark([mark(0)], NOW)
        seen.mark([mark(1)], NOW + jump * DAY)
        for number in range(after):
            seen.mark([mark(2 + number)], NOW + number)

        assert seen.known(mark(number) for number in range(2 + after)) == {mark(n) for n in range(2 + after)}


def test_a_clock_that_was_wrong_once_does_not_stop_the_forgetting(settings: Settings) -> None:
    with closing(Seen(settings)) as seen:
        seen.mark([mark(0)], NOW + 3650 * DAY)
        for day in range(DAYS + 3):
            seen.mark([mark(1 + day)], NOW + day * DAY + 1)
        assert len(seen._days) == DAYS
        assert mark(0) not in seen.known([mark(0)])


def test_a_damaged_file_is_kept_and_a_new_one_begun(settings: Settings) -> None:
    path = settings.place(settings.spool_dir) / "seen.sqlite"
    path.write_bytes(b"this is no database, whatever its name says" * 100)

    with closing(Seen(settings)) as seen:
        seen.mark([mark(1)], NOW)
        assert seen.known([mark(1)]) == {mark(1)}

    assert len(list(settings.spool_dir.glob("seen-damaged-*.sqlite"))) == 1


def test_damage_that_is_found_while_reading_does_not_stop_the_drain(settings: Settings) -> None:
    with closing(Seen(settings)) as seen:
        seen.mark([mark(n) for n in range(20_000)], NOW)
    path = settings.spool_dir / "seen.sqlite"
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)

    with closing(Seen(settings)) as seen:
        seen.known([mark(n) for n in range(20_000)])
        seen.mark([mark(1)], NOW)
        assert mark(1) in seen.known([mark(1)])
