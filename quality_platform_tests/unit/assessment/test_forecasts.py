"""What is expected of every series, and when it will be beyond a rule's threshold."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from quality_platform.alerting.drawn import limits
from quality_platform.assessment.crossings import write_crossings
from quality_platform.assessment.judging import judge_series
from quality_platform.model.limit import Limit
from quality_platform.model.rules import ThresholdRule
from quality_platform.reports.movements import coming, worse
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import NOON, plan, plant

DISK = "system.disk_percent"
DAY = timedelta(days=1)


def hour(at: float) -> datetime:
    return NOON + timedelta(hours=at)


def planted(lake: Lake, project: str, values: np.ndarray, *, first: int = 0) -> None:
    plant(lake, project, [(hour(first + at), float(value)) for at, value in enumerate(values)], metric=DISK)


def filling(count: int, *, first: int = 0) -> np.ndarray:
    """A disk that fills by a tenth of a per cent an hour, from 50."""
    return 50 + 0.1 * (first + np.arange(count)) + np.random.default_rng(first).normal(0, 0.3, count)


def test_a_disk_that_will_be_full(lake: Lake) -> None:
    planted(lake, "shop", filling(240))
    judge_series(lake, hour(240))
    rules = [ThresholdRule(metric_name=DISK, warning_threshold=77, critical_threshold=95, name="disk")]

    assert write_crossings(lake, limits(plan(rules))) == 3
    found = lake.rows("SELECT * FROM marts.metric_crossings ORDER BY method, expected_at")
    assert [(row["method"], row["severity"]) for row in found] == [
        ("forecast", "warning"), ("trend", "warning"), ("trend", "critical"),
    ]  # fmt: skip
    for row, at in zip(found, (270, 270, 450), strict=True):
        assert abs(row["expected_at"] - hour(at)) < timedelta(hours=12)
        assert hour(240) < row["earliest_at"] <= row["expected_at"] <= row["latest_at"]

    said = [item.text for item in coming(lake, hour(240)).items]
    assert len(said) == 2
    assert "reaches 77 (warning)" in said[0]


def test_what_is_beyond_already_or_goes_the_other_way_crosses_nothing(lake: Lake) -> None:
    planted(lake, "shop", filling(240))
    judge_series(lake, hour(240))
    for side, threshold in (("above", 60.0), ("below", 40.0)):
        limit = Limit("r", "warning", threshold, side)  # type: ignore[arg-type]
        assert write_crossings(lake, lambda _, held=limit: (held,)) == 0


def test_a_forecast_holds_until_its_second_instant(lake: Lake) -> None:
    planted(lake, "shop", filling(240))
    judge_series(lake, hour(240))
    planted(lake, "shop", filling(1, first=240), first=240)
    judge_series(lake, hour(241))
    ahead = lake.rows("SELECT * FROM marts.metric_forecasts ORDER BY forecast_at")
    assert len(ahead) == 12
    assert {row["made_from"] for row in ahead} == {hour(239)}
    assert all(row["lower"] <= row["expected"] <= row["upper"] for row in ahead)

    planted(lake, "shop", filling(8, first=241), first=241)
    judge_series(lake, hour(249))
    again = lake.rows("SELECT * FROM marts.metric_forecasts ORDER BY forecast_at")
    assert len(again) == 12
    assert {row["made_from"] for row in again} == {hour(248)}


def test_of_a_series_that_is_gone_nothing_is_expected(lake: Lake) -> None:
    planted(lake, "shop", filling(100))
    planted(lake, "till", filling(100))
    judge_series(lake, hour(100))
    with lake.writing("marts", "test") as connection:
        connection.execute("DELETE FROM marts.fct_observations WHERE project = 'till'")
    judge_series(lake, hour(101))
    assert lake.rows("SELECT DISTINCT project FROM marts.metric_forecasts") == [{"project": "shop"}]


@pytest.mark.parametrize("count", [1, 10])
def test_a_short_series_has_none(lake: Lake, count: int) -> None:
    planted(lake, "shop", filling(count))
    judge_series(lake, hour(count))
    assert lake.rows("SELECT * FROM marts.metric_forecasts") == []
    assert write_crossings(lake, lambda _: ()) == 0


@pytest.mark.parametrize(("apart", "told"), [(timedelta(minutes=1), 0), (timedelta(hours=1), 1)])
def test_a_drift_of_some_minutes_is_none_of_days(lake: Lake, apart: timedelta, told: int) -> None:
    plant(lake, "shop", [(NOON + at * apart, value) for at, value in enumerate(filling(240))], metric=DISK)
    judge_series(lake, hour(240))
    (drift,) = lake.rows("SELECT direction FROM marts.metric_trends")
    assert drift == {"direction": "degrading"}
    assert len(worse(lake, NOON).items) == told
