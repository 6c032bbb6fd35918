"""Counters into rates."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.collectors.system.rates import (
    Reading,
    busy_percent,
    growth,
    process_percent,
    reading_of,
    seconds_between,
)


def reading(
    at: float, boot: float = 100.0, cpu: dict[str, dict[str, float]] | None = None, **counters: float
) -> Reading:
    return Reading(at, boot, counters, cpu or {})


@pytest.mark.parametrize(
    ("before", "after", "seconds"),
    [
        (None, reading(1000), None),
        (reading(1000), reading(1060), 60.0),
        (reading(1000, boot=100), reading(1060, boot=101.5), 60.0),
        (reading(1000, boot=100), reading(1060, boot=1010), None),
        (reading(1000), reading(1000.01), None),
        (reading(1000), reading(990), None),
    ],
)
def test_two_readings_count_only_within_one_boot_and_in_order(
    before: Reading | None, after: Reading, seconds: float | None
) -> None:
    assert seconds_between(before, after) == seconds


@pytest.mark.parametrize(
    ("before", "after", "grown"), [({"x": 5.0}, {"x": 8.0}, 3.0), ({"x": 5.0}, {"x": 5.0}, 0.0), ({"x": 5.0}, {"x": 4.0}, None), ({}, {"x": 4.0}, None), ({"x": 5.0}, {}, None)]
)  # fmt: skip
def test_a_counter_that_is_missing_or_went_backwards_gives_nothing(
    before: dict[str, float], after: dict[str, float], grown: float | None
) -> None:
    assert growth(Reading(1, 0, before, {}), Reading(2, 0, after, {}), "x") == grown


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_cpu_use_is_a_share_of_the_time_that_passed(
    busy: float, idle: float, busy_before: float, idle_before: float
) -> None:
    before = reading(1, cpu_busy=busy_before, cpu_idle=idle_before)
    after = reading(2, cpu_busy=busy_before + busy, cpu_idle=idle_before + idle)
    percent = busy_percent(before, after)
    assert percent is None or 0 <= percent <= 100
    if busy + idle > 1:
        assert percent == pytest.approx(100 * busy / (busy + idle), abs=0.01)


@pytest.mark.parametrize(
    ("busy", "idle", "percent"), [(0.0, 0.0, None), (-0.01, 5.0, 0.0), (5.0, -0.01, 100.0), (1.0, 3.0, 25.0)]
)
def test_a_cpu_counter_that_steps_back_counts_as_unchanged(busy: float, idle: float, percent: float | None) -> None:
    before = reading(1, cpu_busy=10.0, cpu_idle=10.0)
    assert busy_percent(before, reading(2, cpu_busy=10.0 + busy, cpu_idle=10.0 + idle)) == percent


def test_cpu_use_is_unknown_where_the_system_hides_it() -> None:
    assert busy_percent(reading(1), reading(2, cpu_busy=1, cpu_idle=2)) is None


def test_processes_that_come_and_go_do_not_disturb_the_sum() -> None:
    before = reading(1000, cpu={"web/": {"1/900.00": 10.0, "2/900.00": 50.0}})
    after = reading(
        1010,
        cpu={
            "web/": {
                "1/900.00": 12.0,  # used 2 s
                "3/1005.00": 1.5,  # new: all of it
                "4/800.00": 99.0,  # old, but not seen before: nothing
                "2/1001.00": 0.5,  # the number of an ended process, used again
            },
            "db/": {"9/1.00": 5.0},
        },
    )
    assert process_percent(before, after, "web/", 10.0) == pytest.approx(100 * (2 + 1.5 + 0.5) / 10)
    assert process_percent(before, after, "db/", 10.0) is None


def test_a_reading_survives_the_ledger() -> None:
    original = reading(1000.5, cpu={"web/": {"1/900.00": 10.0}}, disk_read_bytes=5.0)
    assert reading_of(json.loads(json.dumps(original.as_cursor()))) == original
    assert reading_of(None) is None
    assert reading_of({"something": "else"}) is None
