"""Rules about how series moved, over verdicts and observations in a real lake."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from quality_platform.alerting.evaluate import evaluate_verdicts
from quality_platform.model.rules import AnomalyRule, ImprovementRule, RegressionRule, RuleConfig, TrendRule
from quality_platform.model.tables_marts import METRIC_CHANGES, METRIC_TRENDS
from quality_platform.state import alerts
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import COVERAGE, NOON, events, plan, plant

DRIFT = TrendRule(name="drift", metric_name="coverage", warning_percent=5, critical_percent=15)
STEP = RegressionRule(name="step", metric_name="coverage", warning_percent=2, critical_percent=10)
_numbers = itertools.count()


def days(count: float) -> timedelta:
    return timedelta(days=count)


@dataclass
class Project:
    """A project of the test's own in the shared lake, with one observation and no verdicts; rules look at it alone."""

    lake: Lake
    name: str
    rules: tuple[RuleConfig, ...] = (DRIFT, STEP)

    @property
    def series(self) -> dict[str, object]:
        return {"metric": COVERAGE, "project": self.name, "subject": self.name, "labels": "{}", "batch_id": "batch-9"}

    def trends(self, *rows: Mapping[str, object]) -> None:
        usual = {
            **self.series, "window_start": NOON - days(30), "window_end": NOON, "points": 30, "slope_per_day": -0.3,
            "lower": -0.4, "upper": -0.2, "p_value": 0.001, "direction": "degrading", "last_value": 72.0,
            "detected_at": NOON,
        }  # fmt: skip
        made = [{**usual, **row} for row in rows]
        self.lake.replace("metric_trends", pa.Table.from_pylist(made, METRIC_TRENDS.schema))

    def changes(self, *rows: tuple[datetime, float, float]) -> None:
        made = [
            {**self.series, "changed_at": at, "commit_sha": "0123456789abcdef", "before": before, "after": after,
             "effect": after - before, "effect_percent": 100 * (after / before - 1), "p_value": 0.001,
             "direction": "regression" if after < before else "improvement", "detected_at": NOON}
            for at, before, after in rows
        ]  # fmt: skip
        self.lake.replace("metric_changes", pa.Table.from_pylist(made, METRIC_CHANGES.schema))

    def outcome(self, state: State, now: datetime = NOON) -> tuple[int, int, int]:
        """Fired, changed, resolved."""
        used = plan([rule.model_copy(update={"project_id": self.name}) for rule in self.rules])
        found = evaluate_verdicts(state, self.lake, used, now)
        return found.fired, found.changed, found.resolved


@pytest.fixture
def project(observed_lake: Lake) -> Project:
    made = Project(observed_lake, f"drifting-{next(_numbers)}")
    plant(observed_lake, made.name, [(NOON, 72.0)], metric=COVERAGE, subject=made.name)
    return made


def sentences(state: State) -> Iterable[tuple[str, str, str]]:
    with state.read() as session:
        return [(row.type, row.severity, row.message) for row in alerts.newest(session)]


def test_a_drift_fires_grows_and_ends_and_each_is_told_once(state: State, project: Project) -> None:
    outcomes = []
    for day, percent in enumerate((-2.0, -6.0, -16.0, -3.0)):
        project.trends({"change_percent": percent, "window_end": NOON + days(day)})
        outcomes += [project.outcome(state, NOON + days(day)) for _ in range(2)]
    assert outcomes[0::2] == [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert outcomes[1::2] == [(0, 0, 0)] * 4
    assert sentences(state) == [
        ("trend_degradation", "critical",
         f"Test coverage of {project.name}: Drifted by -16.0% over the window to 72%, p = 0.001.")
    ]  # fmt: skip


def test_a_trend_that_is_no_longer_there_ends_the_alert(state_on_sqlite: State, project: Project) -> None:
    project.trends({"change_percent": -6.0})
    assert project.outcome(state_on_sqlite) == (1, 0, 0)
    project.trends()
    assert project.outcome(state_on_sqlite, NOON + days(1)) == (0, 0, 1)


@pytest.mark.parametrize(("percent", "p_value"), [(-4.9, 0.001), (6.0, 0.001), (-6.0, 0.02), (None, 0.001)])
def test_a_drift_that_is_small_good_or_chance_says_nothing(
    state_on_sqlite: State, project: Project, percent: float | None, p_value: float
) -> None:
    project.trends({"change_percent": percent, "p_value": p_value})
    assert project.outcome(state_on_sqlite) == (0, 0, 0)


def test_a_step_fires_grows_and_ends_and_each_is_told_once(state: State, project: Project) -> None:
    steps = ((NOON - days(2), 80.0, 76.0), (NOON - days(1), 76.0, 60.0), (NOON, 60.0, 81.0))
    outcomes = []
    for count in (1, 2, 3):
        project.changes(*steps[:count])
        outcomes += [project.outcome(state) for _ in range(2)]
    assert outcomes[0::2] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert outcomes[1::2] == [(0, 0, 0)] * 3
    ((kind, severity, sentence),) = sentences(state)
    assert (kind, severity) == ("regression", "critical")
    assert sentence.startswith(f"Test coverage of {project.name}: Stepped from ")
    assert "0123456789ab" in sentence


def test_a_step_ends_when_it_is_old_and_an_old_one_never_fires(state_on_sqlite: State, project: Project) -> None:
    project.changes((NOON - days(29), 80.0, 76.0))
    outcomes = [project.outcome(state_on_sqlite, NOON + days(day)) for day in (0, 2, 3)]
    assert outcomes == [(1, 0, 0), (0, 0, 1), (0, 0, 0)]


def test_steps_that_are_gone_end_the_alert(state_on_sqlite: State, project: Project) -> None:
    project.changes((NOON - days(2), 80.0, 76.0))
    assert project.outcome(state_on_sqlite) == (1, 0, 0)
    project.changes()
    assert project.outcome(state_on_sqlite, NOON + days(1)) == (0, 0, 1)
    assert [row.value for row in events(state_on_sqlite)] == [76.0, 72.0]


def test_a_rule_that_is_removed_takes_its_own_alert_with_it(state_on_sqlite: State, project: Project) -> None:
    project.trends({"change_percent": -6.0})
    project.changes((NOON - days(2), 80.0, 76.0))
    assert project.outcome(state_on_sqlite) == (2, 0, 0)
    project.rules = (STEP,)
    assert project.outcome(state_on_sqlite) == (0, 0, 1)
    with state_on_sqlite.read() as session:
        reasons = {row.type: row.reason for row in alerts.newest(session)}
    assert reasons == {"trend_degradation": "rule_removed", "regression": None}


def test_a_step_for_the_better_is_news_for_a_week(state_on_sqlite: State, project: Project) -> None:
    project.rules = (ImprovementRule(name="better", metric_name="coverage"),)
    project.changes((NOON - days(1), 60.0, 75.0))
    outcomes = [project.outcome(state_on_sqlite, NOON + days(day)) for day in (0, 1, 8)]
    assert outcomes == [(1, 0, 0), (0, 0, 0), (0, 0, 1)]
    assert [(kind, severity) for kind, severity, _ in sentences(state_on_sqlite)] == [("improvement", "info")]


def observed(project: Project, values: Iterable[float], start: int = 1) -> datetime:
    """Plant one value a day after the fixture's; returns the last instant."""
    points = [(NOON + days(start + place), value) for place, value in enumerate(values)]
    plant(project.lake, project.name, points, metric=COVERAGE, subject=project.name)
    return points[-1][0]


def test_a_baseline_needs_no_verdict(state_on_sqlite: State, project: Project) -> None:
    baseline = {"kind": "median_runs", "n": 3, "max_drop": 2, "mode": "absolute"}
    project.rules = (RegressionRule.model_validate({"name": "under", "metric_name": "coverage", "baseline": baseline}),)
    now = observed(project, [72.0, 72.0, 69.0])
    assert [project.outcome(state_on_sqlite, now) for _ in range(2)] == [(1, 0, 0), (0, 0, 0)]
    now = observed(project, [71.5], start=4)
    assert project.outcome(state_on_sqlite, now) == (0, 0, 1)
    fired, _ = events(state_on_sqlite)
    assert (fired.value, fired.threshold, fired.batch_id) == (69.0, 70.0, f"{project.name}-2")


def test_a_slope_needs_no_verdict(state_on_sqlite: State, project: Project) -> None:
    slope = {"min_slope_per_day": -0.5}
    project.rules = (TrendRule.model_validate({"name": "falls", "metric_name": "coverage", "trend": slope}),)
    now = observed(project, [72.0 - day for day in range(1, 10)])
    assert [project.outcome(state_on_sqlite, now) for _ in range(2)] == [(1, 0, 0), (0, 0, 0)]
    now = observed(project, [90.0] * 25, start=10)
    assert project.outcome(state_on_sqlite, now) == (0, 0, 1)


def test_an_anomaly_is_found_without_detection_and_with_it(state_on_sqlite: State, project: Project) -> None:
    project.rules = (AnomalyRule(name="odd", metric_name="coverage", window=days(60)),)
    now = observed(project, [72.0 + day % 3 for day in range(30)])
    assert project.outcome(state_on_sqlite, now) == (0, 0, 0)
    now = observed(project, [40.0], start=31)
    assert [project.outcome(state_on_sqlite, now) for _ in range(2)] == [(1, 0, 0), (0, 0, 0)]
    now = observed(project, [72.0, 40.0], start=32)
    with project.lake.writing("marts", "test") as connection:
        connection.execute(
            "CREATE OR REPLACE TABLE marts.metric_anomalies AS SELECT ? AS metric, ? AS project, ? AS subject, "
            "'{}' AS labels, ?::TIMESTAMPTZ AS observed_at, -3.0::DOUBLE AS score",
            [COVERAGE, project.name, project.name, now],
        )
    try:
        assert project.outcome(state_on_sqlite, now) == (0, 0, 1)
    finally:
        with project.lake.writing("marts", "test") as connection:
            connection.execute("DROP TABLE marts.metric_anomalies")
