"""A token bucket, against one that is counted by hand."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.alerting.delivery.bucket import Rate, spent, tokens
from quality_platform_tests.data.outbox_rows import NOON, seconds

SLACK = Rate(1.0, 10)


def test_a_burst_then_the_rate() -> None:
    full_at: datetime | None = None
    sent = []
    for second in (0, 0.5, 1, 2, 2.9, 12, 100):
        now = NOON + seconds(second)
        free = tokens(SLACK, full_at, now)
        sent.append(free)
        full_at = spent(SLACK, full_at, now, free)
    assert sent == [10, 0, 1, 1, 0, 10, 10]


@pytest.mark.parametrize(("burst", "reserved"), [(1, 0), (2, 1), (5, 1), (10, 2), (60, 12)])
def test_a_fifth_is_kept_for_what_is_critical(burst: int, reserved: int) -> None:
    assert Rate(1.0, burst).reserved == reserved


def test_a_clock_that_was_set_back_stops_the_channel_no_longer_than_an_empty_bucket() -> None:
    full_at = NOON + seconds(3600)
    assert tokens(SLACK, full_at, NOON) == 0
    assert spent(SLACK, full_at, NOON, 1) == NOON + seconds(11)


@given(
    st.floats(0.05, 1000),
    st.integers(1, 100),
    st.lists(st.tuples(st.floats(0, 30), st.integers(0, 50)), max_size=30),
)
def test_never_more_than_burst_and_rate_allow_and_never_much_less(
    per_second: float, burst: int, steps: list[tuple[float, int]]
) -> None:
    rate, full_at, now, level = Rate(per_second, burst), None, NOON, float(burst)
    for wait, wish in steps:
        now += seconds(wait)
        level = min(burst, level + wait * per_second)
        free = tokens(rate, full_at, now)
        assert level - 1.01 <= free <= level + 0.01
        taken = min(free, wish)
        level -= taken
        full_at = spent(rate, full_at, now, taken) if taken else full_at
