"""The condition plane: pending, firing, recovering; whatever the order of calls, and whatever is stored in between."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.model.alerts import RuleState, Sample, Transition
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules.series import Step, replay, transitions
from quality_platform.rules.threshold import evaluate
from quality_platform_tests.data.series import at, metric_of, samples

NAN = math.nan
LETTERS = {"normal": "n", "pending": "p", "firing": "f", "recovering": "r", "nodata": "-"}


def rule(**fields: object) -> ThresholdRule:
    return ThresholdRule.model_validate(
        {"metric_name": "cpu", "operator": "above", "warning_threshold": 80, "critical_threshold": 90, **fields}
    )


def conditions(used: ThresholdRule, values: Sequence[float | None], every: float = 1) -> str:
    """The condition after each sample, as one letter."""
    found = {each.instant: each for each in replay(used, samples(values, every), metric=metric_of("cpu"))}
    return "".join(LETTERS[found[each.observed_at].state.condition] for each in samples(values, every))


@pytest.mark.parametrize(
    ("fields", "values", "expected"),
    [
        ({"keep_firing_for": "3m"}, [85, 70, 70, 70, 70], "frrrn"),
        ({"keep_firing_for": "3m"}, [85, 70, 70, 85, 70, 70, 70, 70], "frrfrrrn"),
        ({"keep_firing_for": "3m"}, [85, 70, NAN, 70, NAN], "frrrn"),
        ({"keep_firing_for": "1m"}, [85, 70, 70, 85], "frnf"),
        ({"for": "2m", "keep_firing_for": "1m"}, [85, 85, 85, 70, 70, 85], "ppfrnp"),
        ({"for": "1m", "keep_firing_for": "2m"}, [85, 85, 70, 85, 70, 70, 70], "pfrfrrn"),
        ({"keep_firing_for": "2m", "warning_clear": 75}, [85, 78, 74, 78, 74, 74, 74], "ffrfrrn"),
    ],
)
def test_recovering(fields: dict[str, object], values: list[float], expected: str) -> None:
    assert conditions(rule(**fields), values) == expected


def test_coming_back_while_recovering_tells_nobody() -> None:
    steps = replay(rule(keep_firing_for="3m"), samples([85, 70, 85, 70, 70, 70, 70]), metric=metric_of("cpu"))
    assert [(when, told.before, told.to) for when, told in transitions(steps)] == [
        (at(0), "ok", "warning"),
        (at(6), "warning", "ok"),
    ]


def test_the_good_while_ends_by_the_clock() -> None:
    """With the value of the good sample, between two samples as well as after the last."""
    used = rule(keep_firing_for="3m")
    for given_, until in ((samples([85, 70]), at(60)), ([*samples([85, 70]), Sample(at(50), 85)], at(49))):
        steps = replay(used, given_, metric=metric_of("cpu"), until=until)
        *_, (when, told) = transitions(steps)
        assert (when, told.to, told.evidence.value, told.evidence.observed_at) == (at(4), "ok", 70, at(1))
    _, changes = evaluate(used, RuleState(), [*samples([85, 70]), Sample(at(50), 85)])
    assert [told.to for told in changes] == ["warning", "ok", "warning"]


def test_at_the_very_end_of_the_good_while_the_sample_decides() -> None:
    assert conditions(rule(keep_firing_for="2m"), [85, 70, 70, 85]) == "frrf"


def test_the_first_breach_is_remembered() -> None:
    used = rule(**{"for": "2m", "keep_firing_for": "5m"})
    steps = replay(used, samples([10, 85, 85, 95, 70, 85, 95, 85, 10, 10, 10, 10, 10, 10]), metric=metric_of("cpu"))
    told = [each for _, each in transitions(steps)]
    assert [each.to for each in told] == ["critical", "warning", "critical", "warning", "ok"]
    assert {each.breached_at for each in told} == {at(1)}
    assert steps[-1].state.breached_at is None


@pytest.mark.parametrize(
    ("agg", "values", "expected"),
    [
        ("avg", [70, 89, 90, 85, 40], "nnffn"),
        ("min", [95, 70, 95, 85, 85, 85], "fnnnff"),
        ("max", [95, 10, 10, 10], "fffn"),
        ("median", [95, 10, 95, 95, 10], "fnfff"),
        ("sum", [30, 30, 30, 10], "nnfn"),
        ("count", [1, 1, 1, 1], "nnnn"),
        ("avg", [95, NAN, NAN, NAN, 95], "fffnf"),
    ],
)
def test_aggregates_over_three_minutes(agg: str, values: list[float], expected: str) -> None:
    assert conditions(rule(agg=agg, trend_window_minutes=3), values) == expected


def test_a_mean_of_both_infinities_is_no_number() -> None:
    assert conditions(rule(agg="avg"), [math.inf, -math.inf]) == "fn"


def test_count_of_the_window() -> None:
    used = rule(agg="count", operator="below", warning_threshold=3, critical_threshold=None, trend_window_minutes=5)
    steps = replay(used, samples([1, 1, 1, None, None, None, 1]), metric=metric_of("cpu"))
    assert [each.state.level for each in steps] == ["warning", "warning", "ok", "warning"]


def test_of_commits_the_last_few_are_aggregated() -> None:
    used = rule(agg="avg", min_samples=2, trend_window_minutes=1)
    state, changes = evaluate(used, RuleState(), samples([85, 70, 95], every=9000), by_clock=False)
    assert [(each.to, each.evidence.value) for each in changes] == [("warning", 82.5)]
    assert state.level == "warning"


@pytest.mark.parametrize(
    ("wholes", "level"), [([19.0], "ok"), ([20.0], "warning"), ([], "ok"), (None, "ok"), ([5.0, 30.0], "ok")]
)
def test_a_share_of_next_to_nothing_says_nothing(wholes: list[float] | None, level: str) -> None:
    used = rule(min_denominator=20, denominator_metric="lines")
    known = None if wholes is None else samples(wholes, every=60)
    state, _ = evaluate(used, RuleState(), samples([85, 85]), wholes=known)
    assert state.level == level


# --- invariants ------------------------------------------------------------------------------------------------------

VALUES = st.lists(st.sampled_from([10.0, 75.0, 85.0, 95.0, NAN, math.inf]), min_size=1, max_size=25)
GAPS = st.lists(st.sampled_from([0.5, 1.0, 2.0, 20.0, 61.0]), min_size=25, max_size=25)
RULES = st.builds(
    lambda hold, keep, few, clear, agg, silence: rule(
        **{"for": timedelta(minutes=hold)}, keep_firing_for=timedelta(minutes=keep), min_samples=few,
        warning_clear=clear, agg=agg, **silence,
    ),
    st.sampled_from([0, 1, 5]),
    st.sampled_from([0, 1, 3, 90]),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([None, 74.0]),
    st.sampled_from(["last", "avg", "max"]),
    st.sampled_from(
        [{}, {"no_data": "ok", "stale_after": "15m"}, {"no_data": "alert"}, {"no_data": "error", "stale_after": "30m"}]
    ),
)  # fmt: skip


def spread(values: Sequence[float], gaps: Sequence[float]) -> list[Sample]:
    minute, made = 0.0, []
    for value, gap in zip(values, gaps, strict=False):
        minute += gap
        made.append(Sample(at(minute), value))
    return made


def stored(state: RuleState) -> RuleState:
    """A state after it was written and read."""
    fields = json.loads(json.dumps(asdict(state), default=datetime.isoformat))
    instants = {
        name: datetime.fromisoformat(value) for name, value in fields.items() if isinstance(value, str) and "T" in value
    }
    return RuleState(**{**fields, **instants})


def flat(steps: Sequence[Step]) -> list[Transition]:
    return [told for step in steps for told in step.transitions]


@given(RULES, VALUES, GAPS)
def test_a_replay_is_a_chain_in_time_without_firing_for_nothing(
    used: ThresholdRule, values: list[float], gaps: list[float]
) -> None:
    given_ = spread(values, gaps)
    steps = replay(used, given_, metric=metric_of("cpu"), until=given_[-1].observed_at + timedelta(hours=3))
    instants = [each.instant for each in steps]
    assert instants == sorted(instants)
    told = flat(steps)
    assert [each.before for each in told] == ["ok", *(each.to for each in told)][: len(told)]
    assert all(each.before != each.to for each in told)
    fires_for_data = [each for each in told if each.to != "ok" and each.reason != "no_data"]
    assert not fires_for_data or any(value > 80 for value in values)
    assert all(each.breached_at is not None for each in told)
    assert all(stored(each.state) == each.state for each in steps)


@given(RULES, VALUES, GAPS)
def test_again_changes_nothing_and_so_does_reading_the_state_back(
    used: ThresholdRule, values: list[float], gaps: list[float]
) -> None:
    given_ = spread(values, gaps)
    state, _ = evaluate(used, RuleState(), given_)
    assert evaluate(used, state, given_) == (state, ())
    assert evaluate(used, stored(state), given_) == (state, ())
    assert repr(replay(used, given_, metric=metric_of("cpu"))) == repr(
        replay(used, [*given_, *given_], metric=metric_of("cpu"))
    )


@given(RULES.filter(lambda used: used.no_data == "keep"), VALUES, GAPS)
def test_a_batch_decides_what_row_by_row_decides(used: ThresholdRule, values: list[float], gaps: list[float]) -> None:
    given_ = spread(values, gaps)
    whole = evaluate(used, RuleState(), given_)
    state, told = RuleState(), list[Transition]()
    for place in range(len(given_)):
        state, changes = evaluate(used, state, given_[: place + 1])
        told += changes
    assert state == whole[0]
    assert repr(told) == repr(list(whole[1]))
    assert repr(flat(replay(used, given_, metric=metric_of("cpu")))) == repr(told)


def test_states_come_one_after_the_other() -> None:
    steps = replay(rule(keep_firing_for="2m"), samples([85, 70, 70, 70]), metric=metric_of("cpu"))
    assert all(early.instant < late.instant for early, late in pairwise(steps))
