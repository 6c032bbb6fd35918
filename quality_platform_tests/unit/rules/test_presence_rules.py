"""Absence and heartbeat: silence is what they are about."""

from __future__ import annotations

import math

import pytest

from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.rules import AbsenceRule, HeartbeatRule
from quality_platform.rules import absence, clock, heartbeat
from quality_platform.rules.series import replay, transitions
from quality_platform_tests.data.series import at, metric_of, samples

BEAT = HeartbeatRule.model_validate({"metric_name": "backup", "every": "10m", "grace": "2m"})
GONE = AbsenceRule.model_validate({"metric_name": "cpu", "stale_after": "5m", "forget_after": "2h"})


def test_a_heartbeat_that_is_late_fires_and_the_next_one_clears() -> None:
    steps = replay(BEAT, samples([1, 1, None, None, 1], every=10), metric=metric_of("backup"))
    (late, fired), (back, cleared) = transitions(steps)
    assert (late - at(22)).total_seconds() == pytest.approx(0, abs=0.001)
    assert (fired.to, fired.reason, fired.breached_at) == ("critical", "no_data", at(10))
    assert fired.evidence.detail == "No heartbeat for 12m; it may take 12m."
    assert (back, cleared.to, cleared.evidence.detail) == (at(40), "ok", "The heartbeat is back.")


def test_exactly_every_and_grace_is_in_time() -> None:
    assert not transitions(replay(BEAT, samples([1, 1], every=12), metric=metric_of("backup")))


def test_a_heartbeat_that_never_came_is_waited_for() -> None:
    state, told = heartbeat.elapse(BEAT, RuleState(), at(0))
    assert (state.pending_since, state.condition, told) == (at(0), "pending", ())
    assert heartbeat.elapse(BEAT, state, at(12)) == (state, ())
    state, (fired,) = heartbeat.elapse(BEAT, state, at(13))
    assert (fired.to, fired.evidence.detail) == ("critical", "No heartbeat has ever come; waited for 13m.")
    assert math.isnan(fired.evidence.value)
    assert heartbeat.elapse(BEAT, state, at(999)) == (state, ())
    state, (cleared,) = heartbeat.evaluate(BEAT, state, [Sample(at(999), 1.0)])
    assert (cleared.to, state) == ("ok", RuleState(evaluated_to=at(999)))


def test_an_old_heartbeat_is_none() -> None:
    state, _ = heartbeat.evaluate(BEAT, RuleState(), [Sample(at(5), 1.0)])
    assert heartbeat.evaluate(BEAT, state, [Sample(at(5), 1.0)]) == (state, ())
    assert heartbeat.evaluate(BEAT, state, []) == (state, ())


def test_absence_is_told_once_and_forgotten() -> None:
    steps = replay(GONE, samples([1, 1]), metric=metric_of("cpu"), until=at(999))
    assert [(told.before, told.to, told.reason) for _, told in transitions(steps)] == [
        ("ok", "warning", "no_data"),
        ("warning", "ok", "stale"),
    ]
    state = steps[-1].state
    assert state.condition == "nodata"
    assert clock.due(GONE, state, GONE.stale_after) is None
    assert absence.elapse(GONE, state, at(2000), GONE.stale_after) == (state, ())


def test_a_series_comes_back_from_being_forgotten() -> None:
    steps = replay(GONE, [*samples([1, 1]), Sample(at(500), 1.0)], metric=metric_of("cpu"), until=at(510))
    assert [told.to for _, told in transitions(steps)] == ["warning", "ok", "warning"]


def test_a_series_that_was_silent_for_long_when_the_rule_came_never_fires() -> None:
    state, told = absence.elapse(GONE, RuleState(evaluated_to=at(0)), at(121), GONE.stale_after)
    assert (state.level, state.no_data, told) == ("ok", True, ())


def test_without_a_pace_nobody_knows() -> None:
    used = GONE.model_copy(update={"stale_after": None})
    assert not transitions(replay(used, samples([1, 1]), metric=metric_of("cpu"), until=at(30)))
    ((when, _),) = transitions(replay(used, samples([1, 1, 1]), metric=metric_of("cpu"), until=at(30)))
    assert (when - at(5)).total_seconds() == pytest.approx(0, abs=0.001)


def test_with_a_step_the_clock_is_looked_at_on_the_grid() -> None:
    steps = replay(BEAT, samples([1, 1]), metric=metric_of("backup"), until=at(20), step=at(5) - at(0))
    assert [(when, told.to) for when, told in transitions(steps)] == [(at(15), "critical")]
