"""The threshold rule's semantics, case by case, and that no order of calls changes what it decides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules.threshold import evaluate

START = datetime(2026, 1, 1, tzinfo=UTC)
NAN, INF = math.nan, math.inf


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def samples(values: Sequence[float], every: float = 1) -> list[Sample]:
    return [Sample(at(place * every), value) for place, value in enumerate(values)]


def above(**fields: object) -> ThresholdRule:
    return ThresholdRule.model_validate(
        {"metric_name": "cpu", "operator": "above", "warning_threshold": 80, "critical_threshold": 90, **fields}
    )


def below(**fields: object) -> ThresholdRule:
    return ThresholdRule.model_validate(
        {"metric_name": "code_coverage", "warning_threshold": 70.0, "critical_threshold": 50.0, **fields}
    )


def levels(rule: ThresholdRule, values: Sequence[float], every: float = 1) -> str:
    """The level after each value, as one letter."""
    state, told = RuleState(), ""
    for sample in samples(values, every):
        state, _ = evaluate(rule, state, [sample])
        told += state.level[0]
    return told


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        pytest.param(above(), [80, 80.1, 80, 79], "owoo", id="strict"),
        pytest.param(above(), [90, 90.1, 90, 80], "wcwo", id="critical is strict too"),
        pytest.param(below(), [70, 69.9, 70], "owo", id="strict below"),
        pytest.param(below(), [49, 50, 69, 70], "cwwo", id="inferred below"),
        pytest.param(above(), [95], "c", id="straight to critical"),
        pytest.param(above(), [95, 85, 95, 10], "cwco", id="severity follows"),
        pytest.param(above(warning_clear=70), [81, 75, 71, 70, 75], "wwwoo", id="warning clears at its level"),
        pytest.param(below(warning_clear=75), [69, 72, 74.9, 75, 72], "wwwoo", id="clears below"),
        pytest.param(above(critical_clear=85), [91, 86, 85, 86], "ccww", id="critical clears to warning"),
        pytest.param(above(critical_clear=75), [91, 78, 75], "cco", id="critical clear beyond warning"),
        pytest.param(above(critical_clear=85, warning_clear=70), [91, 75, 70], "cwo", id="both clear levels"),
        pytest.param(above(warning_threshold=None), [85, 95, 85], "oco", id="critical alone"),
        pytest.param(above(critical_threshold=None), [85, 95, 80], "wwo", id="warning alone"),
        pytest.param(above(warning_threshold=90), [90, 91, 90], "oco", id="equal thresholds"),
        pytest.param(above(), [NAN, 95, NAN, 95], "ococ", id="NaN is false"),
        pytest.param(above(), [INF, -INF, INF], "coc", id="infinite above"),
        pytest.param(below(), [-INF, INF, -0.0], "coc", id="infinite below, minus zero"),
        pytest.param(above(warning_threshold=0, critical_threshold=None), [0.0, -0.0, 5e-324], "oow", id="zero"),
    ],
)
def test_levels(rule: ThresholdRule, values: Sequence[float], expected: str) -> None:
    assert levels(rule, values) == expected


@pytest.mark.parametrize(
    ("values", "every", "expected"),
    [
        pytest.param([85, 85, 85, 85], 1, "ooww", id="the third of three a minute apart"),
        pytest.param([85, 85, 70, 85, 85, 85], 1, "ooooow", id="a false one starts anew"),
        pytest.param([85, NAN, 85, 85, 85], 1, "oooow", id="no observation starts anew"),
        pytest.param([85, 85], 1.99, "oo", id="just under"),
        pytest.param([85, 85], 2, "ow", id="exactly"),
        pytest.param([85, 95, 95], 1, "ooc", id="fires at the level of the moment"),
        pytest.param([95, 95, 85], 1, "oow", id="which may be the lower one"),
        pytest.param([85, 85, 85, 95, 85, 70, 85], 1, "oowcwoo", id="only the first step waits"),
        pytest.param([85, 85], 60, "ow", id="a gap as long as the window"),
        pytest.param([85, 85, 85], 61, "ooo", id="silence longer than the window is no evidence"),
    ],
)
def test_for_two_minutes(values: Sequence[float], every: float, expected: str) -> None:
    assert levels(above(**{"for": timedelta(minutes=2)}), values, every) == expected


def test_for_longer_than_the_window_bridges_gaps_of_its_own_length() -> None:
    rule = above(**{"for": timedelta(days=2)})
    assert levels(rule, [85, 85, 85], every=24 * 60) == "oow"


def test_pending_is_remembered() -> None:
    rule = above(**{"for": timedelta(minutes=2)})
    state, transitions = evaluate(rule, RuleState(), samples([85, 95]))
    assert state == RuleState("ok", pending_since=at(0), pending_level="critical", evaluated_to=at(1))
    assert transitions == ()
    state, _ = evaluate(rule, state, [Sample(at(1.5), 10)])
    assert state == RuleState(evaluated_to=at(1.5))


@pytest.mark.parametrize(
    ("values", "every", "expected"),
    [
        pytest.param([85, 85, 85, 85], 1, "ooww", id="from the third on"),
        pytest.param([10, 10, 85], 1, "oow", id="good ones count"),
        pytest.param([10, NAN, 85, 85], 1, "ooow", id="NaN does not count"),
        pytest.param([85, 85, 85, 85], 20, "ooww", id="three within (-60, 0]"),
        pytest.param([85, 85, 85, 85], 30, "oooo", id="never three in the window"),
        pytest.param([85, 85, 85, 10], 1, "oowo", id="clears"),
    ],
)
def test_min_samples_of_three_in_an_hour(values: Sequence[float], every: float, expected: str) -> None:
    rule = above(min_samples=3)
    state, told, given = RuleState(), "", samples(values, every)
    for place in range(len(given)):
        state, _ = evaluate(rule, state, given[: place + 1])
        told += state.level[0]
    assert told == expected


@pytest.mark.parametrize("value", [95, 10])
def test_a_firing_rule_short_of_samples_stays_as_it_is(value: float) -> None:
    firing = RuleState("warning", evaluated_to=at(0), breached_at=at(0))
    after, transitions = evaluate(above(min_samples=3), firing, [Sample(at(90), value)])
    assert (after, transitions) == (replace(firing, evaluated_to=at(90)), ())


def test_evidence_says_what_decided() -> None:
    rule = above(warning_clear=70)
    _, transitions = evaluate(rule, RuleState(), samples([85, 95, 75, 60]), "%")
    told = [(t.before, t.to, t.evidence.value, t.evidence.threshold, t.evidence.detail) for t in transitions]
    assert told == [
        ("ok", "warning", 85, 80, "85% is above 80%."),
        ("warning", "critical", 95, 90, "95% is above 90%."),
        ("critical", "warning", 75, 90, "75% is no longer above 90%."),
        ("warning", "ok", 60, 70, "60% is no longer above 70%."),
    ]
    assert [t.evidence.observed_at for t in transitions] == [at(0), at(1), at(2), at(3)]


def test_evidence_of_a_fall_from_critical_to_ok() -> None:
    fall = samples([95, NAN])
    assert evaluate(above(), RuleState(), fall)[1][-1].evidence.threshold == 80
    assert evaluate(above(warning_threshold=None), RuleState(), fall)[1][-1].evidence.threshold == 90
    assert evaluate(above(), RuleState(), fall)[1][-1].evidence.detail == "no number is no longer above 80."


def test_late_duplicate_and_disordered_samples_are_ignored() -> None:
    state, _ = evaluate(above(), RuleState(), samples([85, 85]))
    late = [Sample(at(0.5), 99), Sample(at(1), 99)]
    assert evaluate(above(), state, late) == (state, ())
    disordered = [Sample(at(2), 10), Sample(at(1.5), 99), Sample(at(2), 99), Sample(at(3), 10)]
    state, transitions = evaluate(above(), state, disordered)
    assert [t.to for t in transitions] == ["ok"]
    assert state.evaluated_to == at(3)


def test_nothing_to_judge_changes_nothing() -> None:
    state = RuleState("warning", evaluated_to=at(5))
    assert evaluate(above(), state, []) == (state, ())


VALUES = st.lists(st.sampled_from([10.0, 75.0, 80.0, 85.0, 90.0, 95.0, NAN, INF]), max_size=30)
STEPS = st.lists(st.sampled_from([0.5, 1.0, 20.0, 61.0, 200.0]), min_size=30, max_size=30)
RULES = st.builds(
    lambda hold, few, warning, critical: above(
        **{"for": timedelta(minutes=hold)}, min_samples=few, warning_clear=warning, critical_clear=critical
    ),
    st.sampled_from([0, 1, 5, 120]),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([None, 76.0]),
    st.sampled_from([None, 84.0]),
)


def spread_out(values: list[float], steps: list[float]) -> list[Sample]:
    minute, made = 0.0, []
    for value, step in zip(values, steps, strict=False):
        minute += step
        made.append(Sample(at(minute), value))
    return made


def company(rule: ThresholdRule, given: list[Sample], start: int) -> list[Sample]:
    """Samples before the one at `start` that lie in its window."""
    if start >= len(given):
        return []
    since = given[start].observed_at - timedelta(minutes=rule.trend_window_minutes)
    return [sample for sample in given[:start] if sample.observed_at > since]


@given(RULES, VALUES, STEPS, st.lists(st.integers(0, 30), max_size=5))
def test_however_the_samples_are_dealt_out_the_decisions_are_the_same(
    rule: ThresholdRule, values: list[float], steps: list[float], cuts: list[int]
) -> None:
    given = spread_out(values, steps)
    whole = evaluate(rule, RuleState(), given)
    state, told = RuleState(), []
    for start, end in pairwise([0, *sorted(cuts), len(given)]):
        state, transitions = evaluate(rule, state, [*company(rule, given, start), *given[start:end]])
        told.extend(transitions)
    assert state == whole[0]
    assert repr(told) == repr(list(whole[1]))


@given(RULES, VALUES, STEPS)
def test_replay_decides_nothing_and_transitions_form_a_chain(
    rule: ThresholdRule, values: list[float], steps: list[float]
) -> None:
    given = spread_out(values, steps)
    state, transitions = evaluate(rule, RuleState(), given)
    assert evaluate(rule, state, given) == (state, ())
    chain = ["ok", *(t.to for t in transitions)]
    assert [t.before for t in transitions] == chain[:-1]
    assert chain[-1] == state.level
    assert all(earlier != later for earlier, later in pairwise(chain))
