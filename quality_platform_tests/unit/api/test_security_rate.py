"""Buckets: a burst, then a steady rate, for each on their own, in bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quality_platform.api.security import rate
from quality_platform.api.security.rate import Rate


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_goes_through_and_then_as_many_as_come_back() -> None:
    clock = Clock()
    bucket = Rate(per_second=2, burst=3, clock=clock)

    assert [bucket.take("a") for _ in range(5)] == [0, 0, 0, 1, 1]
    assert bucket.take("b") == 0
    clock.now = 0.5
    assert [bucket.take("a"), bucket.take("a")] == [0, 1]
    clock.now = 1000
    assert [bucket.take("a") for _ in range(4)] == [0, 0, 0, 1]


def test_a_slow_bucket_says_how_long_to_wait() -> None:
    bucket = Rate(per_second=0.1, burst=1, clock=Clock())

    assert [bucket.take("a"), bucket.take("a")] == [0, 10]


@given(st.lists(st.floats(0, 3), max_size=60), st.integers(1, 10), st.floats(0.1, 5))
def test_nobody_gets_more_than_burst_and_rate_allow(pauses: list[float], burst: int, per_second: float) -> None:
    clock = Clock()
    bucket = Rate(per_second=per_second, burst=burst, clock=clock)
    passed = 0
    for pause in pauses:
        clock.now += pause
        passed += bucket.take("a") == 0

    assert passed <= burst + clock.now * per_second + 1e-6


def test_a_flood_of_names_does_not_fill_the_memory() -> None:
    bucket = Rate(per_second=1, burst=1, clock=Clock())
    for number in range(rate.MOST_BUCKETS + 100):
        bucket.take(str(number))

    assert len(bucket._buckets) == rate.MOST_BUCKETS
