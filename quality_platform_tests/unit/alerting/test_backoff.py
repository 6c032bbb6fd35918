"""How long a message waits, by table; the ends of the jitter are the ends of ±20 per cent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.alerting.delivery.backoff import delay, given_up

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 1), (2, 2), (3, 4), (4, 8), (5, 15), (6, 30), (7, 60), (8, 120), (9, 240), (10, 300), (11, 300), (1000, 300)],
)
def test_waits_double_up_to_five_minutes(attempts: int, seconds: float) -> None:
    assert delay(attempts, 0.5).total_seconds() == pytest.approx(seconds)
    assert delay(attempts, 0.0).total_seconds() == pytest.approx(seconds * 0.8)
    assert delay(attempts, 1.0).total_seconds() == pytest.approx(seconds * 1.2)


@pytest.mark.parametrize(("asked", "seconds"), [(None, 1), (0.5, 1), (90.0, 90), (1e9, 3600)])
def test_the_receiver_may_ask_for_a_longer_wait_of_an_hour_at_most(asked: float | None, seconds: float) -> None:
    assert delay(1, 0.5, asked).total_seconds() == pytest.approx(seconds)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True), st.none() | st.floats(0, 1e12))
def test_a_wait_is_never_zero_nor_longer_than_an_hour(attempts: int, jitter: float, asked: float | None) -> None:
    assert timedelta(seconds=0.8) <= delay(attempts, jitter, asked) <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("refusals", "left", "over"), [(0, 1, False), (2, 1, False), (3, 1, True), (0, 0, True), (0, -1, True)]
)
def test_three_refusals_or_the_end_of_patience_are_the_end(refusals: int, left: float, over: bool) -> None:
    assert given_up(refusals, NOON, NOON + timedelta(seconds=left)) is over


@given(st.floats(0, 1, exclude_max=True))
def test_a_day_of_patience_is_some_300_attempts(jitter: float) -> None:
    now, attempts = NOON, 1
    while not given_up(0, now, NOON + timedelta(days=1)):
        now += delay(attempts, jitter)
        attempts += 1
    assert 240 < attempts < 370
