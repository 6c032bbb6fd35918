"""Flapping begins and ends at exactly its numbers, is told once, and a rise is told through it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.alerting.episodes.flapping import Damping, flaps, is_stable
from quality_platform.model.alerts import Level
from quality_platform.state.database import State
from quality_platform_tests.data.alerting import NOON, minutes, plan, webhook
from quality_platform_tests.data.story import Story

USUAL = Damping()
PLAN = plan([], [webhook("all")])


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([0, 1, 2, 3, 4], False),
        ([0, 1, 2, 3, 4, 5], True),
        ([0, 1, 2, 3, 4, 29.99], True),
        ([0, 1, 2, 3, 4, 30], False),
    ],
)
def test_six_changes_in_half_an_hour_are_flapping(ages: list[float], expected: bool) -> None:
    assert flaps([NOON - minutes(age) for age in ages], NOON, USUAL) is expected


@pytest.mark.parametrize(("age", "expected"), [(9.99, False), (10, True), (11, True)])
def test_ten_minutes_of_quiet_end_it(age: float, expected: bool) -> None:
    assert is_stable([NOON - minutes(60), NOON - minutes(age)], NOON, USUAL) is expected


@given(st.lists(st.floats(0, 60), max_size=20))
def test_more_changes_never_flap_less(ages: list[float]) -> None:
    changes = sorted(NOON - timedelta(minutes=age) for age in ages)
    assert flaps([*changes, NOON], NOON, USUAL) >= flaps(changes, NOON, USUAL)


def flapping(state: State, *levels: Level) -> Story:
    story = Story(state, PLAN)
    for level in ("warning", "ok", "warning", "ok", "warning", "ok", *levels):
        story.play(level)
    story.tick(seconds=3)
    return story


def test_it_is_said_once_and_the_end_after_ten_minutes_with_the_count(state_on_sqlite: State) -> None:
    story = flapping(state_on_sqlite, "warning", "ok", "warning", "ok")
    kinds = [kind for _, kind in story.sent()]
    assert kinds == ["firing", "resolved", "firing", "resolved", "firing", "flapping"]
    assert (story.alert().flapping, story.alert().status) == (True, "active")
    story.tick(minutes=9, seconds=50)
    assert len(story.sent()) == 6
    story.tick(seconds=10)
    assert [kind for _, kind in story.sent()][6:] == ["resolved"]
    assert story.alert().status == "resolved"


def test_what_fires_when_it_settles_is_said_to_fire(state_on_sqlite: State) -> None:
    story = flapping(state_on_sqlite, "warning")
    story.tick(minutes=10)
    assert [kind for _, kind in story.sent()][6:] == ["settled"]
    assert (story.alert().flapping, story.alert().status) == (False, "active")


def test_a_rise_is_told_through_it(state_on_sqlite: State) -> None:
    story = flapping(state_on_sqlite, "warning", "critical")
    assert [kind for _, kind in story.sent()][5:] == ["flapping", "firing"]
    assert story.alert().severity == "critical"


def test_what_was_told_of_the_start_is_told_of_the_end_through_flapping(state_on_sqlite: State) -> None:
    story = flapping(state_on_sqlite)
    story.tick(minutes=11)
    kinds = [kind for _, kind in story.sent()]
    assert (kinds[-1], kinds.count("firing")) == ("resolved", 3)
