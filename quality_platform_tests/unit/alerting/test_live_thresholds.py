"""Thresholds judged on samples as they arrive: as the batch evaluation judges them, whoever else judges meanwhile."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality_platform.alerting.conditions.arrivals import chosen
from quality_platform.alerting.conditions.live import LiveThresholds
from quality_platform.alerting.evaluate import evaluate_thresholds
from quality_platform.alerting.plan import Plan
from quality_platform.model.rules import ThresholdRule
from quality_platform.settings import Settings
from quality_platform.state import rule_states
from quality_platform.state.database import State
from quality_platform.state.engine import state_file
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import CPU, NOON, events, minutes, plan, webhook
from quality_platform_tests.data.arriving import Point, arrive, batch_of

RULE = ThresholdRule(name="busy", metric_name="cpu", warning_threshold=80, critical_threshold=90, warning_clear=70)
HELD = RULE.model_copy(update={"name": "held", "for_": minutes(3), "min_samples": 3, "trend_window_minutes": 10})
KEPT = RULE.model_copy(update={"name": "kept", "keep_firing_for": minutes(2)})
MEAN = RULE.model_copy(update={"name": "mean", "agg": "avg", "min_samples": 2, "trend_window_minutes": 4})
USED = plan([RULE, HELD], [webhook("hook")])
ALL = plan([RULE, HELD, KEPT, MEAN], [webhook("hook")])
NAMES = [rule.name for rule in (RULE, HELD, KEPT, MEAN)]
NUMBERS = itertools.count()


@pytest.fixture
def other_state(tmp_path: Path, migrated_file: Path) -> Iterator[State]:
    """Another state, for what is to be compared."""
    used = Settings(home=tmp_path / "other")
    used.place(state_file(used).parent)
    shutil.copyfile(migrated_file, state_file(used))
    with closing(State(used)) as state:
        yield state


def happened(state: State, project: str) -> list[tuple[object, ...]]:
    """What happened to the alerts of a project, in an order that does not depend on who came first."""
    found = [
        (each.subject, each.observed_at, each.rule, each.kind, each.severity, each.value, each.batch_id)
        for each in events(state)
        if each.project == project
    ]
    return sorted(found, key=str)


def memory(state: State, project: str) -> dict[tuple[str, str], object]:
    with state.read() as session:
        found = rule_states.load(session, NAMES)
    return {(key, series.subject): value for (key, series), value in found.items() if series.project == project}


class Live:
    """The live evaluation of one project, one round after the other."""

    def __init__(self, state: State, lake: Lake, project: str, used: Plan = USED) -> None:
        self.lake, self.project = lake, project
        self.thresholds = LiveThresholds(state, lake, used)

    def round(self, points: Sequence[Point], now: datetime, *, in_mart: bool = True) -> None:
        batch = arrive(self.lake, self.project, points, in_mart=in_mart)
        self.thresholds.take(chosen([batch], self.thresholds.metrics), now)


VALUES = st.sampled_from([10.0, 75.0, 85.0, 95.0])
STORIES = st.lists(
    # rounds of samples: which host, how many seconds after (or before) the last, what value
    st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(-90, 200), VALUES), min_size=1, max_size=4),
    min_size=1,
    max_size=7,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORIES, saving=st.booleans())
def test_rounds_are_judged_as_the_batch_evaluation_judges_them(
    story: list[list[tuple[str, int, float]]], saving: bool, state_on_sqlite: State, other_state: State,
    observed_lake: Lake,
) -> None:  # fmt: skip
    project = f"story-{next(NUMBERS)}"
    live = Live(state_on_sqlite, observed_lake, project, ALL)
    at, taken = NOON, set[tuple[str, datetime]]()
    for told in story:
        points = []
        for subject, seconds, value in told:
            moment = at + timedelta(seconds=seconds)
            if (subject, moment) not in taken:  # of two values at one instant either may count
                taken.add((subject, moment))
                points.append((subject, moment, value))
            at = max(at, moment)
        if points:
            live.round(points, at)
            live.thresholds.tick(at)
            for _ in range(2):  # what had news is judged by the clock the next time
                evaluate_thresholds(other_state, observed_lake, ALL, at)
            if saving:
                live.thresholds.save(at)
    live.thresholds.save(at)

    assert happened(state_on_sqlite, project) == happened(other_state, project)
    assert memory(state_on_sqlite, project) == memory(other_state, project)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(VALUES, min_size=4, max_size=12),
    turns=st.lists(st.sampled_from(["live", "batch", "both"]), min_size=12, max_size=12),
)
def test_two_that_judge_the_same_series_tell_everything_once(
    values: list[float], turns: list[str], state_on_sqlite: State, other_state: State, observed_lake: Lake
) -> None:
    """Live and batch take turns on one state; alone on another, the live one comes to the same story."""
    project = f"turns-{next(NUMBERS)}"
    shared, alone = (Live(state, observed_lake, project) for state in (state_on_sqlite, other_state))
    first = arrive(observed_lake, project, [("a", NOON, 10.0)], in_mart=True)
    for each in (shared, alone):
        each.thresholds.take(chosen([first], each.thresholds.metrics), NOON)
    now = NOON
    for value, turn in zip(values, turns, strict=False):
        now += minutes(1)
        batch = arrive(observed_lake, project, [("a", now, value)], in_mart=True)
        alone.thresholds.take(chosen([batch], alone.thresholds.metrics), now)
        if turn in ("batch", "both"):
            evaluate_thresholds(state_on_sqlite, observed_lake, USED, now)
        if turn in ("live", "both"):
            shared.thresholds.take(chosen([batch], shared.thresholds.metrics), now)
        if turn == "both":
            shared.thresholds.save(now)
    shared.thresholds.catch_up(now)
    shared.thresholds.save(now)

    assert happened(state_on_sqlite, project) == happened(other_state, project)


def test_what_the_lake_had_before_is_known(state_on_sqlite: State, observed_lake: Lake) -> None:
    project = "warmed"
    arrive(observed_lake, project, [("a", NOON - minutes(n), 95.0) for n in (4, 3, 1)])
    live = Live(state_on_sqlite, observed_lake, project)

    live.round([("a", NOON, 95.0)], NOON, in_mart=False)

    assert [each.rule for each in events(state_on_sqlite)] == ["busy", "held"]


def test_a_killed_evaluator_is_caught_up_with(state_on_sqlite: State, observed_lake: Lake) -> None:
    project = "killed"
    live = Live(state_on_sqlite, observed_lake, project)
    live.round([("a", NOON, 10.0)], NOON, in_mart=False)
    live.round([("a", NOON + minutes(1), 20.0)], NOON + minutes(1), in_mart=False)
    arrive(observed_lake, project, [("a", NOON + minutes(2), 95.0)])  # stored, never judged

    again = LiveThresholds(state_on_sqlite, observed_lake, USED)
    again.catch_up(NOON + minutes(3))
    again.catch_up(NOON + minutes(3))

    assert [(each.kind, each.value) for each in events(state_on_sqlite) if each.project == project] == [("fired", 95.0)]


def test_a_sample_of_the_future_waits_for_its_time(state_on_sqlite: State, observed_lake: Lake) -> None:
    project = "future"
    live = Live(state_on_sqlite, observed_lake, project)
    live.round([("a", NOON, 10.0)], NOON, in_mart=False)

    live.round([("a", NOON + minutes(2), 95.0), ("a", NOON + minutes(1), 10.0)], NOON + minutes(1), in_mart=False)
    assert not events(state_on_sqlite)
    assert live.thresholds.has_unsaved
    live.thresholds.take(None, NOON + minutes(2))

    assert [each.value for each in events(state_on_sqlite)] == [95.0]


def test_a_clock_that_was_set_back_judges_nothing_twice(state_on_sqlite: State, observed_lake: Lake) -> None:
    project = "back"
    live = Live(state_on_sqlite, observed_lake, project)
    live.round([("a", NOON, 10.0)], NOON, in_mart=False)
    live.round([("a", NOON + minutes(1), 95.0)], NOON + minutes(1), in_mart=False)

    live.round([("a", NOON - minutes(59), 10.0)], NOON - minutes(59), in_mart=False)
    live.thresholds.catch_up(NOON - minutes(59))
    live.round([("a", NOON + minutes(2), 95.0)], NOON + minutes(2), in_mart=False)

    assert [(each.kind, each.value) for each in events(state_on_sqlite)] == [("fired", 95.0)]


def test_only_gauges_and_rates_of_metrics_with_a_rule_are_looked_at() -> None:
    metrics = pa.array([CPU])
    batches = [
        batch_of("p", [("a", NOON, 1.0)]),
        batch_of("p", [("a", NOON, 2.0)], kind="counter"),
        batch_of("p", [("a", NOON, 3.0)], metric="other"),
    ]

    found = chosen(batches, metrics)

    assert found is not None
    assert found.select(["project", "metric", "value"]).to_pylist() == [{"project": "p", "metric": CPU, "value": 1.0}]
    assert chosen(batches[1:], metrics) is None


def test_memory_is_bounded(state_on_sqlite: State, observed_lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality_platform.alerting.conditions.live.MOST_KEPT", 5)
    live = Live(state_on_sqlite, observed_lake, "many")
    for n in range(4):
        live.round([(f"host-{n}-{m}", NOON + minutes(n), 10.0) for m in range(3)], NOON + minutes(n), in_mart=False)
    live.round([("host-0-0", NOON + minutes(9), 95.0)], NOON + minutes(9), in_mart=False)

    assert len(live.thresholds._followed) <= 5
    assert [each.subject for each in events(state_on_sqlite) if each.project == "many"] == ["host-0-0"]
