"""A rule sees a few samples of a series and decides what it would have decided on all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.alerting.plan import Plan
from quality_platform.alerting.replaying.columns import Columns, instant, microseconds, needed, silences
from quality_platform.model.alerts import Series
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.rules import AbsenceRule, HeartbeatRule, ThresholdRule
from quality_platform.rules.judging import Known
from quality_platform.rules.series import replay, transitions
from quality_platform_tests.data.alerting import CPU, NOON

METRIC = Plan.of(QualityConfig()).metric(CPU)
SERIES = Series(CPU, "shop", "host")
VALUES = st.sampled_from([0.0, 55.0, 60.0, 65.0, 70.0, 75.0, 80.0, 85.0, 90.0, 95.0, float("nan"), float("inf")])
MINUTES = st.sampled_from([1, 1, 1, 2, 5, 15, 90])


def columns(points: list[tuple[int, float]]) -> Columns:
    at = np.cumsum([gap for gap, _ in points]) * 60_000_000 + microseconds(NOON)
    return Columns(SERIES, at.astype(np.int64), np.array([value for _, value in points]))


def minutes(values: list[int]) -> Any:
    return st.sampled_from([timedelta(minutes=value) for value in values])


@st.composite
def rules(draw: st.DrawFn) -> ThresholdRule:
    above = draw(st.booleans())
    warning, critical = draw(st.sampled_from([(80.0, 90.0), (70.0, 70.0), (80.0, None), (None, 90.0)]))
    clears = {
        name: value - draw(st.sampled_from([0.0, 5.0, 25.0]))
        for name, value in (("warning_clear", warning), ("critical_clear", critical))
        if value is not None and draw(st.booleans())
    }
    bounds: dict[str, Any] = {"warning_threshold": warning, "critical_threshold": critical, **clears}
    if not above:
        bounds = {name: None if value is None else 150.0 - value for name, value in bounds.items()}
    return ThresholdRule(
        metric_name=CPU,
        operator="above" if above else "below",
        for_=draw(minutes([0, 0, 1, 3, 10, 120])),
        keep_firing_for=draw(minutes([0, 0, 2, 10])),
        trend_window_minutes=draw(st.sampled_from([1, 5, 60])),
        min_samples=draw(st.sampled_from([1, 1, 2, 3])),
        **bounds,
    )


@given(rules(), st.lists(st.tuples(MINUTES, VALUES), min_size=1, max_size=60), st.booleans())
def test_what_is_left_out_changes_nothing(rule: ThresholdRule, points: list[tuple[int, float]], by_clock: bool) -> None:
    series = columns(points)
    until = instant(int(series.instants[-1])) + timedelta(minutes=20)
    known = Known(by_clock=by_clock)
    everything = replay(rule, series.samples(), metric=METRIC, until=until, known=known)
    found = needed(rule, series, by_clock=by_clock)

    if found is not None:
        seen, places = found
        few = replay(seen, series.samples(places), metric=METRIC, until=until, known=known)
        assert changes(few) == changes(everything)


def changes(steps: Any) -> list[tuple[Any, str, str]]:
    return [(at, change.before, change.to) for at, change in transitions(steps)]


def test_a_quiet_month_is_hardly_looked_at() -> None:
    rule = ThresholdRule(metric_name=CPU, operator="above", warning_threshold=80.0, for_=timedelta(minutes=5))
    values = [50.0] * 10_000
    values[5_000:5_010] = [90.0] * 10
    values[7_000] = 99.0

    found = needed(rule, columns([(1, value) for value in values]), by_clock=True)

    assert found is not None
    assert found[1].tolist() == [5_000, 5_004, 5_005, 5_009, 5_010]


@pytest.mark.parametrize(
    "rule",
    [
        HeartbeatRule(metric_name=CPU, every=timedelta(minutes=5), grace=timedelta(minutes=1)),
        AbsenceRule(metric_name=CPU, stale_after=timedelta(minutes=7)),
        AbsenceRule(metric_name=CPU, stale_after=timedelta(minutes=7), forget_after=timedelta(minutes=60)),
        AbsenceRule(metric_name=CPU),
    ],
)
@given(points=st.lists(st.tuples(MINUTES, VALUES), min_size=1, max_size=40))
def test_silences_are_found_where_they_are(rule: Any, points: list[tuple[int, float]]) -> None:
    series = columns(points)
    until = instant(int(series.instants[-1])) + timedelta(minutes=30)
    everything = changes(replay(rule, series.samples(), metric=METRIC, until=until))

    found: list[Any] = []
    at = series.instants.tolist()
    for places, begins in silences(rule, series):
        end = instant(at[begins + 1]) if begins + 1 < len(at) else until
        part = changes(replay(rule, series.samples(places), metric=METRIC, until=end))
        found += [each for each in part if each[0] > instant(at[begins])]
    assert found == everything
