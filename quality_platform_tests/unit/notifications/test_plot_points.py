"""Thinning loses no spike and no outage; words say what the picture shows."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.model.message import Plot
from quality_platform.notifications.plots.points import BUCKETS, points
from quality_platform.notifications.plots.words import captioned, described, mark_lines, sparkline
from quality_platform_tests.data.messages import GAPPY, START, series


def plot(values: list[float | None]) -> Plot:
    times = tuple(START + timedelta(minutes=place) for place in range(len(values)))
    return Plot("t", "u", times, tuple(values))


def test_few_points_are_kept_as_they_are() -> None:
    days, values = points(plot([1.0, None, 3.0]))
    assert np.array_equal(values, [1.0, math.nan, 3.0], equal_nan=True)
    assert days[0] == START.timestamp() / 86400
    assert np.allclose(np.diff(days), 1 / 1440)


def test_points_are_put_in_order_and_in_utc() -> None:
    cet = timezone(timedelta(hours=1))
    naive = datetime(2026, 1, 1, 13)  # noqa: DTZ001
    times = (datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=cet), naive)
    _, values = points(Plot("t", "", times, (2.0, 1.0, 3.0)))
    assert list(values) == [1.0, 2.0, 3.0]


def test_what_no_axis_can_hold_is_a_gap() -> None:
    _, values = points(plot([math.inf, -math.inf, math.nan, 1e300, 5.0]))
    assert np.isnan(values).tolist() == [True, True, True, True, False]


def test_no_points() -> None:
    days, values = points(plot([]))
    assert len(days) == len(values) == 0


@given(st.integers(4 * BUCKETS + 1, 20_000), st.data())
@settings(max_examples=30, deadline=None)
def test_thinning_keeps_spikes_gaps_and_ends(count: int, data: st.DataObject) -> None:
    spike, dip, gap = (data.draw(st.integers(0, count - 1)) for _ in range(3))
    raw = np.sin(np.arange(count) / 50)
    raw[spike], raw[dip] = 10.0, -10.0
    raw[gap] = math.nan
    shown = plot([None if math.isnan(value) else value for value in raw])
    days, values = points(shown)
    assert len(days) <= 3 * BUCKETS + 1
    assert (np.diff(days) > 0).all()
    assert np.nanmax(values) == np.nanmax(raw)
    assert np.nanmin(values) == np.nanmin(raw)
    assert np.isnan(values).any()
    assert days[-1] == shown.times[-1].timestamp() / 86400
    assert days[0] == shown.times[0].timestamp() / 86400


def test_described() -> None:
    assert described(GAPPY) == (
        "Latest 4.94 GiB on 2026-03-01 23:00 UTC; lowest 2.79 GiB, highest 4.94 GiB since 2026-03-01."
    )


def test_described_with_little() -> None:
    assert described(plot([])) == "No data."
    assert described(plot([None])) == "No data."
    assert described(plot([1.5, None])) == "Latest 1.5 u on 2026-03-01 00:00 UTC."
    assert described(series(1, threshold=70.0)) == "Latest 80% on 2026-03-01 00:00 UTC; threshold 70%."


def test_captioned() -> None:
    assert captioned(GAPPY) == "Memory available (bytes)"
    assert captioned(Plot("Runs", "", (), ())) == "Runs"


def test_mark_lines_are_numbered_as_in_the_picture() -> None:
    assert mark_lines(series(marks=((START, "a\nb"), (START + timedelta(hours=1), "c")))) == [
        "1: 2026-03-01 00:00 a b",
        "2: 2026-03-01 01:00 c",
    ]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ([], ""),
        ([None, None], ""),
        ([5.0], "▅"),
        ([5.0, 5.0], "▅▅"),
        ([0.0, None, 7.0], "▁ █"),
        (list(range(8)), "▁▂▃▄▅▆▇█"),
    ],
)
def test_sparkline(values: list[float | None], line: str) -> None:
    assert sparkline(plot(values)) == line


def test_a_sparkline_shows_a_spike() -> None:
    values: list[float | None] = [1.0] * 5000
    values[3333] = 9.0
    line = sparkline(plot(values))
    assert len(line) == 40
    assert line.count("█") == 1
