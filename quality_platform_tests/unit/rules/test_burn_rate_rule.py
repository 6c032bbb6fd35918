"""Burn rates: both windows must burn, over shares and over counted events."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.rules import BurnRateRule
from quality_platform.rules.budget import Budget
from quality_platform.rules.burn_rate import Spent, evaluate
from quality_platform.rules.judging import Known
from quality_platform.rules.series import replay, transitions
from quality_platform_tests.data.series import at, metric_of, samples

RULE = BurnRateRule.model_validate({"metric_name": "errors", "objective": 99.9, "total_metric": "requests"})
NONE = Spent(math.nan, math.nan, 0.0)
CALM = Spent(0.0001, 0.0001, 1000.0)


def burning(long: float, short: float) -> Spent:
    return Spent(long / 1000, short / 1000, 1000.0)


@pytest.mark.parametrize(
    ("spent", "level"),
    [
        ([CALM, CALM, CALM], "ok"),
        ([burning(15, 15), CALM, CALM], "critical"),
        ([burning(15, 14), CALM, CALM], "ok"),
        ([burning(14, 99), CALM, CALM], "ok"),
        ([CALM, burning(7, 7), CALM], "critical"),
        ([CALM, CALM, burning(1.5, 1.5)], "warning"),
        ([CALM, burning(7, 7), burning(1.5, 1.5)], "critical"),
        ([NONE, NONE, NONE], "ok"),
    ],
)
def test_levels(spent: list[Spent], level: str) -> None:
    state, _ = evaluate(RULE, RuleState(), spent, Sample(at(0), 1.0))
    assert state.level == level


def test_evidence() -> None:
    _, (fired,) = evaluate(RULE, RuleState(), [burning(20, 30), CALM, CALM], Sample(at(0), 1.0))
    assert (round(fired.evidence.value, 6), fired.evidence.threshold) == (20, 14.4)
    assert fired.evidence.detail == (
        "The error budget of 99.9% burns 20 times too fast over 1h and 30 times over 5m; 14.4 is too much."
    )


def test_no_newer_observation_changes_nothing() -> None:
    state, _ = evaluate(RULE, RuleState(), [burning(20, 20), CALM, CALM], Sample(at(5), 1.0))
    assert evaluate(RULE, state, [CALM] * 3, Sample(at(5), 1.0)) == (state, ())


def test_too_few_events_neither_fire_nor_clear() -> None:
    used = RULE.model_copy(update={"min_denominator": 500.0})
    few = Spent(0.5, 0.5, 10.0)
    state, _ = evaluate(used, RuleState(), [few] * 3, Sample(at(0), 1.0))
    assert state.level == "ok"
    firing, _ = evaluate(used, state, [burning(20, 20), CALM, CALM], Sample(at(1), 1.0))
    after, told = evaluate(used, firing, [few] * 3, Sample(at(2), 1.0))
    assert (after.level, told) == ("critical", ())


def test_an_outage_fires_and_clears_soon_after_it_ends() -> None:
    """5% of errors for half an hour at an objective of 99.9%: 50 times too fast."""
    errors = [0.0] * 120 + [5.0] * 30 + [0.0] * 60
    steps = replay(
        RULE, samples(errors), metric=metric_of("errors"), known=Known(totals=samples([100.0] * len(errors)))
    )
    told = [(when, each.to) for when, each in transitions(steps)]
    # with three hours of history the slow pair, of three days and six hours, sees it at once, and for long
    assert [level for _, level in told] == ["warning", "critical", "warning"]
    (slow, _), (fast, _), (over, _) = told
    assert at(120) <= slow < fast < at(150) < over <= at(180)


@pytest.mark.parametrize(
    ("fields", "unit", "value"),
    [
        ({}, "of 1", 0.02),
        ({}, "%", 2.0),
        ({"measures": "good"}, "of 1", 0.98),
        ({"measures": "good"}, "%", 98.0),
    ],
)
def test_shares(fields: dict[str, object], unit: str, value: float) -> None:
    used = BurnRateRule.model_validate({"metric_name": "error_rate", "objective": 99.9, **fields})
    spent = Budget(used, samples([value] * 90), (), unit).spent(at(89))
    assert [round(each.long, 9) for each in spent] == [0.02] * 3
    assert [each.events for each in spent] == [60, 90, 90]


@given(st.lists(st.floats(0, 50), min_size=1, max_size=80), st.integers(0, 79))
def test_sums_of_windows_are_sums(errors: list[float], place: int) -> None:
    given_, totals = samples(errors), samples([100.0] * len(errors))
    now = at(min(place, len(errors) - 1))
    (spent, *_) = Budget(RULE, given_, totals).spent(now)
    inside = [each.value for each in given_ if now - timedelta(hours=1) < each.observed_at <= now]
    assert spent.long == pytest.approx(sum(inside) / (100 * len(inside)), abs=1e-12)
