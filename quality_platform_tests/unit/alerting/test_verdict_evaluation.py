"""Trend and regression rules over verdicts in a real lake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from quality_platform.alerting.evaluate import evaluate_verdicts
from quality_platform.model.rules import RegressionRule, TrendRule
from quality_platform.model.tables_marts import METRIC_CHANGES, METRIC_TRENDS
from quality_platform.state import alerts
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import COVERAGE, NOON, plan, plant

SERIES = {"metric": COVERAGE, "project": "drifting", "subject": "drifting", "labels": "{}", "batch_id": "batch-9"}
DRIFT = TrendRule(name="drift", metric_name="coverage", warning_percent=5, critical_percent=15)
STEP = RegressionRule(
    name="step", metric_name="coverage", warning_percent=2, critical_percent=10, within=timedelta(days=30)
)


def days(count: float) -> timedelta:
    return timedelta(days=count)


@pytest.fixture
def lake(observed_lake: Lake) -> Iterator[Lake]:
    """The shared lake with one observation of the series and no verdicts."""
    plant(observed_lake, "drifting", [(NOON, 72.0)], metric=COVERAGE, subject="drifting")
    yield observed_lake
    set_trends(observed_lake, [])
    set_changes(observed_lake, [])
    with observed_lake.writing("marts", "test") as connection:
        connection.execute("DELETE FROM marts.fct_observations WHERE project = 'drifting'")


def set_trends(lake: Lake, rows: Iterable[Mapping[str, object]]) -> None:
    usual = {
        **SERIES, "window_start": NOON - days(30), "window_end": NOON, "points": 30, "slope_per_day": -0.3,
        "lower": -0.4, "upper": -0.2, "p_value": 0.001, "direction": "degrading", "last_value": 72.0,
        "detected_at": NOON,
    }  # fmt: skip
    lake.replace("metric_trends", pa.Table.from_pylist([{**usual, **row} for row in rows], METRIC_TRENDS.schema))


def set_changes(lake: Lake, rows: Iterable[tuple[datetime, float, float]]) -> None:
    made = [
        {**SERIES, "changed_at": at, "commit_sha": "0123456789abcdef", "before": before, "after": after,
         "effect": after - before, "effect_percent": 100 * (after / before - 1), "p_value": 0.001,
         "direction": "regression" if after < before else "improvement", "detected_at": NOON}
        for at, before, after in rows
    ]  # fmt: skip
    lake.replace("metric_changes", pa.Table.from_pylist(made, METRIC_CHANGES.schema))


def outcome(state: State, lake: Lake, now: datetime = NOON, *rules: TrendRule | RegressionRule) -> tuple[int, int, int]:
    """Fired, changed, resolved: the same evaluation twice, of which the second must find nothing."""
    used = plan(rules or (DRIFT, STEP))
    first = evaluate_verdicts(state, lake, used, now)
    second = evaluate_verdicts(state, lake, used, now)
    assert (second.fired, second.changed, second.resolved) == (0, 0, 0)
    return first.fired, first.changed, first.resolved


def sentences(state: State) -> list[tuple[str, str, str]]:
    with state.read() as session:
        return [(row.type, row.severity, row.message) for row in alerts.newest(session)]


def test_a_drift_fires_grows_and_ends(state: State, lake: Lake) -> None:
    outcomes = []
    for day, percent in enumerate((-2.0, -6.0, -16.0, -16.0, -3.0)):
        set_trends(lake, [{"change_percent": percent, "window_end": NOON + days(day)}])
        outcomes.append(outcome(state, lake, NOON + days(day)))
    assert outcomes == [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 0), (0, 0, 1)]
    ((kind, severity, sentence),) = sentences(state)
    assert (kind, severity) == ("trend_degradation", "critical")
    assert sentence == "Test coverage of drifting: Drifted by -16.0% over the window to 72%, p = 0.001."


def test_a_trend_that_is_no_longer_there_ends_the_alert(state_on_sqlite: State, lake: Lake) -> None:
    set_trends(lake, [{"change_percent": -6.0}])
    assert outcome(state_on_sqlite, lake) == (1, 0, 0)
    set_trends(lake, [])
    assert outcome(state_on_sqlite, lake, NOON + days(1)) == (0, 0, 1)


@pytest.mark.parametrize(("percent", "p_value"), [(-4.9, 0.001), (6.0, 0.001), (-6.0, 0.02), (None, 0.001)])
def test_a_drift_that_is_small_good_or_chance_says_nothing(
    state_on_sqlite: State, lake: Lake, percent: float | None, p_value: float
) -> None:
    set_trends(lake, [{"change_percent": percent, "p_value": p_value}])
    assert outcome(state_on_sqlite, lake) == (0, 0, 0)


def test_a_step_fires_and_ends_when_it_is_made_good(state: State, lake: Lake) -> None:
    set_changes(lake, [(NOON - days(2), 80.0, 76.0)])
    assert outcome(state, lake) == (1, 0, 0)
    set_changes(lake, [(NOON - days(2), 80.0, 76.0), (NOON - days(1), 76.0, 60.0)])
    assert outcome(state, lake) == (0, 1, 0)
    set_changes(lake, [(NOON - days(2), 80.0, 76.0), (NOON - days(1), 76.0, 60.0), (NOON, 60.0, 81.0)])
    assert outcome(state, lake) == (0, 0, 1)
    ((kind, severity, sentence),) = sentences(state)
    assert (kind, severity) == ("regression", "critical")
    assert sentence.startswith("Test coverage of drifting: Stepped from ")
    assert "at 0123456789ab." in sentence


def test_a_step_ends_when_it_is_old_and_an_old_one_never_fires(state_on_sqlite: State, lake: Lake) -> None:
    set_changes(lake, [(NOON - days(29), 80.0, 76.0)])
    assert outcome(state_on_sqlite, lake) == (1, 0, 0)
    assert outcome(state_on_sqlite, lake, NOON + days(2)) == (0, 0, 1)
    assert outcome(state_on_sqlite, lake, NOON + days(3)) == (0, 0, 0)


def test_steps_that_are_gone_end_the_alert(state_on_sqlite: State, lake: Lake) -> None:
    set_changes(lake, [(NOON - days(2), 80.0, 76.0)])
    assert outcome(state_on_sqlite, lake) == (1, 0, 0)
    set_changes(lake, [])
    assert outcome(state_on_sqlite, lake, NOON + days(1)) == (0, 0, 1)
    with state_on_sqlite.read() as session:
        assert [row.value for row in alerts.events(session, alerts.newest(session)[0].id)] == [76.0, 72.0]


def test_a_rule_that_is_removed_takes_its_own_alert_with_it(state_on_sqlite: State, lake: Lake) -> None:
    set_trends(lake, [{"change_percent": -6.0}])
    set_changes(lake, [(NOON - days(2), 80.0, 76.0)])
    assert outcome(state_on_sqlite, lake) == (2, 0, 0)
    assert outcome(state_on_sqlite, lake, NOON, STEP) == (0, 0, 1)
    with state_on_sqlite.read() as session:
        assert {row.type: row.reason for row in alerts.newest(session)} == {
            "trend_degradation": "rule_removed", "regression": None,
        }  # fmt: skip
