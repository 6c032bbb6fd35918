"""Threshold rules over a real lake and state: what fires, once, and what ends it."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest

from quality_platform.alerting.evaluate import Evaluation, evaluate_thresholds
from quality_platform.alerting.plan import Plan
from quality_platform.model.configuration import ProjectConfig
from quality_platform.model.rules import ThresholdRule
from quality_platform.state import alerts
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import COVERAGE, NOON, events, minutes, plan, plant

_numbers = itertools.count()


@pytest.fixture
def project() -> str:
    """A project of the test's own, since all tests share one lake."""
    return f"level-{next(_numbers)}"


def busy(project: str, **values: object) -> ThresholdRule:
    rule = {
        "name": "busy",
        "metric_name": "cpu",
        "warning_threshold": 80,
        "critical_threshold": 90,
        "project_id": project,
    }
    return ThresholdRule.model_validate({**rule, **values})


def low_coverage(project: str, **values: object) -> ThresholdRule:
    rule = {"name": "low", "metric_name": "code_coverage", "warning_threshold": 70, "critical_threshold": 50}
    return ThresholdRule.model_validate({**rule, "project_id": project, **values})


def rows(state: State) -> list[AlertRow]:
    with state.read() as session:
        return list(reversed(alerts.newest(session)))


def told(outcome: Evaluation) -> tuple[int, int, int]:
    return outcome.fired, outcome.changed, outcome.resolved


def test_a_drop_fires_once_and_the_recovery_resolves_once(state: State, observed_lake: Lake, project: str) -> None:
    used = plan([low_coverage(project)])
    commits = [(NOON + minutes(at), value) for at, value in ((0, 80.0), (1, 45.0), (2, 46.0), (3, 81.0), (4, 82.0))]
    outcomes = []
    for commit in commits:
        plant(observed_lake, project, [commit], metric=COVERAGE, subject=project)
        outcomes += [told(evaluate_thresholds(state, observed_lake, used, commit[0])) for _ in range(2)]
    assert outcomes == [(0, 0, 0)] * 2 + [(1, 0, 0), (0, 0, 0)] + [(0, 0, 0)] * 2 + [(0, 0, 1)] + [(0, 0, 0)] * 3
    (alert,) = rows(state)
    assert (alert.severity, alert.status, alert.breached_at) == ("critical", "resolved", NOON + minutes(1))
    assert [(each.kind, each.value, each.threshold) for each in events(state)] == [
        ("fired", 45.0, 50.0), ("resolved", 81.0, 70.0),
    ]  # fmt: skip


def test_what_came_and_went_before_the_first_evaluation_is_no_news(
    state_on_sqlite: State, observed_lake: Lake, project: str
) -> None:
    plant(observed_lake, project, [(NOON - minutes(at), value) for at, value in ((20, 95.0), (10, 95.0), (0, 10.0))])
    outcome = evaluate_thresholds(state_on_sqlite, observed_lake, plan([busy(project)]), NOON)
    assert (outcome.judged, told(outcome)) == (1, (0, 0, 0))


def test_what_is_true_at_the_first_evaluation_fires(state_on_sqlite: State, observed_lake: Lake, project: str) -> None:
    plant(observed_lake, project, [(NOON - minutes(at), value) for at, value in ((20, 10.0), (10, 85.0), (0, 95.0))])
    assert told(evaluate_thresholds(state_on_sqlite, observed_lake, plan([busy(project)]), NOON)) == (1, 0, 0)
    assert [(row.severity, row.value) for row in rows(state_on_sqlite)] == [("critical", 95.0)]


def test_what_fired_and_cleared_between_two_evaluations_is_told_whole(
    state_on_sqlite: State, observed_lake: Lake, project: str
) -> None:
    used = plan([busy(project)])
    plant(observed_lake, project, [(NOON, 10.0)])
    evaluate_thresholds(state_on_sqlite, observed_lake, used, NOON)
    plant(observed_lake, project, [(NOON + minutes(at), value) for at, value in ((1, 85.0), (2, 95.0), (3, 10.0))])
    assert told(evaluate_thresholds(state_on_sqlite, observed_lake, used, NOON + minutes(3))) == (1, 1, 1)


@pytest.mark.parametrize(("age", "fires"), [(timedelta(hours=23), 1), (timedelta(hours=25), 0)])
def test_a_host_that_has_been_silent_for_a_day_is_not_judged_by_its_last_word(
    state_on_sqlite: State, observed_lake: Lake, project: str, age: timedelta, fires: int
) -> None:
    plant(observed_lake, project, [(NOON - age, 99.0)])
    assert evaluate_thresholds(state_on_sqlite, observed_lake, plan([busy(project)]), NOON).fired == fires


def test_a_repository_is_judged_by_its_last_commit_however_old(
    state_on_sqlite: State, observed_lake: Lake, project: str
) -> None:
    plant(observed_lake, project, [(NOON - timedelta(days=4000), 45.0)], metric=COVERAGE)
    assert evaluate_thresholds(state_on_sqlite, observed_lake, plan([low_coverage(project)]), NOON).fired == 1


@pytest.mark.parametrize(("commits", "fires"), [(2, 0), (3, 1)])
def test_of_commits_so_many_are_counted_whenever_they_were_made(
    state_on_sqlite: State, observed_lake: Lake, project: str, commits: int, fires: int
) -> None:
    """The example of the interface (3 samples in 60 minutes) on a repository that gets a commit a week."""
    rule = low_coverage(project, trend_window_minutes=60, min_samples=3)
    plant(observed_lake, project, [(NOON - timedelta(weeks=n), 45.0) for n in range(commits)], metric=COVERAGE)
    assert evaluate_thresholds(state_on_sqlite, observed_lake, plan([rule]), NOON).fired == fires


def test_samples_are_counted_in_the_window_across_evaluations(
    state_on_sqlite: State, observed_lake: Lake, project: str
) -> None:
    used, fired = plan([busy(project, trend_window_minutes=10, min_samples=3)]), []
    for at in (0, 9, 18, 20, 21):
        plant(observed_lake, project, [(NOON + minutes(at), 99.0)])
        fired.append(evaluate_thresholds(state_on_sqlite, observed_lake, used, NOON + minutes(at)).fired)
    assert fired == [0, 0, 0, 0, 1]


def test_a_level_must_hold_as_long_as_the_rule_says(state_on_sqlite: State, observed_lake: Lake, project: str) -> None:
    used, fired = plan([busy(project, **{"for": "PT10M"})]), []
    for at, value in ((0, 99.0), (5, 99.0), (6, 10.0), (7, 99.0), (16, 99.0), (17, 99.0)):
        plant(observed_lake, project, [(NOON + minutes(at), value)])
        fired.append(evaluate_thresholds(state_on_sqlite, observed_lake, used, NOON + minutes(at)).fired)
    assert fired == [0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("metric", "length"), [("errors.events", timedelta(hours=1)), ("errors.groups", timedelta(days=1))]
)
def test_an_hour_or_day_is_judged_when_it_is_over(
    state_on_sqlite: State, observed_lake: Lake, project: str, metric: str, length: timedelta
) -> None:
    used = plan([busy(project, metric_name=metric)])
    plant(observed_lake, project, [(NOON, 99.0)], metric=metric)
    fired = [
        evaluate_thresholds(state_on_sqlite, observed_lake, used, at).fired
        for at in (NOON, NOON + length - timedelta(seconds=1), NOON + length)
    ]
    assert fired == [0, 0, 1]


def test_a_sample_from_the_future_waits_for_its_time(state_on_sqlite: State, observed_lake: Lake, project: str) -> None:
    used = plan([busy(project)])
    plant(observed_lake, project, [(NOON + timedelta(days=900), 10.0), (NOON, 99.0)])
    assert evaluate_thresholds(state_on_sqlite, observed_lake, used, NOON).fired == 1
    plant(observed_lake, project, [(NOON + minutes(1), 10.0)])
    assert evaluate_thresholds(state_on_sqlite, observed_lake, used, NOON + minutes(1)).resolved == 1


def test_an_older_sample_that_comes_late_changes_nothing(
    state_on_sqlite: State, observed_lake: Lake, project: str
) -> None:
    used = plan([busy(project)])
    plant(observed_lake, project, [(NOON, 10.0)])
    evaluate_thresholds(state_on_sqlite, observed_lake, used, NOON)
    plant(observed_lake, project, [(NOON - minutes(1), 99.0), (NOON, 99.0)])
    assert evaluate_thresholds(state_on_sqlite, observed_lake, used, NOON) == Evaluation()


def test_no_number_is_no_reason_to_fire(state_on_sqlite: State, observed_lake: Lake, project: str) -> None:
    used = plan([busy(project)])
    outcomes = []
    for at, value in ((0, float("nan")), (1, 99.0), (2, float("nan")), (3, float("inf"))):
        plant(observed_lake, project, [(NOON + minutes(at), value)])
        outcomes.append(told(evaluate_thresholds(state_on_sqlite, observed_lake, used, NOON + minutes(at))))
    assert outcomes == [(0, 0, 0), (1, 0, 0), (0, 0, 1), (1, 0, 0)]


def test_a_rule_that_is_added_later_judges_what_is_there(
    state_on_sqlite: State, observed_lake: Lake, project: str
) -> None:
    plant(observed_lake, project, [(NOON, 85.0)])
    first, second = busy(project, warning_threshold=89), busy(project, name="second")
    assert evaluate_thresholds(state_on_sqlite, observed_lake, plan([first]), NOON).fired == 0
    assert evaluate_thresholds(state_on_sqlite, observed_lake, plan([first, second]), NOON).fired == 1
    assert evaluate_thresholds(state_on_sqlite, observed_lake, plan([first, second]), NOON).fired == 0


def without(project: str) -> Plan:
    return plan([])


def disabled(project: str) -> Plan:
    return plan([busy(project, enabled=False)])


def narrowed(project: str) -> Plan:
    return plan([busy(project, subject="another")])


def archived(project: str) -> Plan:
    return plan([busy(project)], projects=[ProjectConfig(id=project, status="archived")])


@pytest.mark.parametrize(
    ("change", "reason"),
    [(without, "rule_removed"), (disabled, "rule_removed"), (narrowed, "rule_removed"), (archived, "project_archived")],
)
def test_an_alert_that_has_lost_its_rule_is_closed(
    state_on_sqlite: State, observed_lake: Lake, project: str, change: object, reason: str
) -> None:
    plant(observed_lake, project, [(NOON, 99.0)])
    evaluate_thresholds(state_on_sqlite, observed_lake, plan([busy(project)]), NOON)
    used = change(project)  # type: ignore[operator]
    outcomes = [told(evaluate_thresholds(state_on_sqlite, observed_lake, used, NOON + minutes(n))) for n in (1, 2)]
    assert outcomes == [(0, 0, 1), (0, 0, 0)]
    assert [(row.status, row.reason) for row in rows(state_on_sqlite)] == [("resolved", reason)]
    assert [row.reason for row in events(state_on_sqlite)] == [None, reason]
    again = evaluate_thresholds(state_on_sqlite, observed_lake, plan([busy(project)]), NOON + minutes(3))
    assert told(again) == (1, 0, 0)


def test_a_paused_project_says_nothing_and_goes_on_afterwards(
    state_on_sqlite: State, observed_lake: Lake, project: str
) -> None:
    running, paused = (
        plan([busy(project)]),
        plan([busy(project)], projects=[ProjectConfig(id=project, status="paused")]),
    )
    outcomes = []
    story: tuple[tuple[int, float, Plan], ...] = (
        (0, 99.0, paused), (1, 99.0, running), (2, 10.0, paused), (3, 10.0, running),
    )  # fmt: skip
    for at, value, used in story:
        plant(observed_lake, project, [(NOON + minutes(at), value)])
        outcomes.append(told(evaluate_thresholds(state_on_sqlite, observed_lake, used, NOON + minutes(at))))
    assert outcomes == [(0, 0, 0), (1, 0, 0), (0, 0, 0), (0, 0, 1)]


def test_a_changed_threshold_counts_from_the_next_value(
    state_on_sqlite: State, observed_lake: Lake, project: str
) -> None:
    plant(observed_lake, project, [(NOON, 85.0)])
    evaluate_thresholds(state_on_sqlite, observed_lake, plan([busy(project)]), NOON)
    plant(observed_lake, project, [(NOON + minutes(1), 85.0)])
    higher = plan([busy(project, warning_threshold=88)])
    assert evaluate_thresholds(state_on_sqlite, observed_lake, higher, NOON + minutes(1)).resolved == 1


def test_a_commit_is_named(state_on_sqlite: State, observed_lake: Lake, project: str) -> None:
    plant(observed_lake, project, [(NOON, 45.0)], metric=COVERAGE, subject=project)
    _commit(observed_lake, project, NOON)
    evaluate_thresholds(state_on_sqlite, observed_lake, plan([low_coverage(project)]), NOON)
    with state_on_sqlite.read() as session:
        payload = session.connection().exec_driver_sql("SELECT payload FROM outbox").scalar_one()
    assert "Commit 0123456789ab: Drop the tests" in payload


def _commit(lake: Lake, project: str, at: datetime) -> None:
    with lake.writing("raw", "test") as connection:
        connection.execute(
            "INSERT INTO raw.code_commits (project, batch_id, source_id, ingested_at, commit_sha, tree_sha, parents, "
            "author_key, authored_at, committed_at, subject, on_main, position) "
            "VALUES (?, 'b', 's', ?, ?, 't', [], 'k', ?, ?, 'Drop the tests', true, 1)",
            [project, at, "0123456789abcdef0123456789abcdef01234567", at, at],
        )
