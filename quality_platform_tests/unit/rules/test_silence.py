"""A series that falls silent, by each policy; no data is a state of the same alert."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules.series import Step, replay, transitions
from quality_platform.rules.silence import limit_of, pace_of
from quality_platform.rules.threshold import elapse
from quality_platform_tests.data.series import at, metric_of, samples


def rule(policy: str, **fields: object) -> ThresholdRule:
    return ThresholdRule.model_validate(
        {"metric_name": "cpu", "operator": "above", "warning_threshold": 80, "critical_threshold": 90,
         "no_data": policy, "stale_after": "10m", **fields}
    )  # fmt: skip


def played(used: ThresholdRule, values: list[float], back: float | None = None, until: float = 60) -> list[Step]:
    """Values a minute apart, then silence, and perhaps one more value after half an hour."""
    given = samples(values) + ([] if back is None else [Sample(at(30), back)])
    return replay(used, given, metric=metric_of("cpu"), until=at(until if back is None else 30))


def told(steps: list[Step]) -> list[tuple[str, str, str]]:
    return [(each.before, each.to, each.reason) for _, each in transitions(steps)]


W, C, OK, GONE = "warning", "critical", "ok", "no_data"


@pytest.mark.parametrize(
    ("policy", "value", "back", "expected"),
    [
        ("keep", 85, None, [(OK, W, "")]),
        ("keep", 85, 85, [(OK, W, "")]),
        ("keep", 85, 10, [(OK, W, ""), (W, OK, "")]),
        ("keep", 10, None, []),
        ("ok", 85, None, [(OK, W, ""), (W, OK, GONE)]),
        ("ok", 85, 85, [(OK, W, ""), (W, OK, GONE), (OK, W, "")]),
        ("ok", 10, None, []),
        ("alert", 10, None, [(OK, W, GONE)]),
        ("alert", 10, 10, [(OK, W, GONE), (W, OK, "")]),
        ("alert", 10, 85, [(OK, W, GONE)]),
        ("alert", 10, 95, [(OK, W, GONE), (W, C, "")]),
        ("alert", 85, None, [(OK, W, "")]),
        ("alert", 95, 95, [(OK, C, "")]),
        ("error", 10, None, [(OK, C, GONE)]),
        ("error", 85, 85, [(OK, W, ""), (W, C, GONE), (C, W, "")]),
        ("error", 10, 10, [(OK, C, GONE), (C, OK, "")]),
    ],
)
def test_policies(policy: str, value: float, back: float | None, expected: list[tuple[str, str, str]]) -> None:
    assert told(played(rule(policy), [value, value], back)) == expected


@pytest.mark.parametrize("policy", ["keep", "ok", "alert", "error"])
def test_silence_is_a_condition_until_the_data_return(policy: str) -> None:
    steps = played(rule(policy), [85, 85], 85)
    assert steps[-2].state.condition == "nodata"
    assert steps[-1].state.condition == "firing"


def test_exactly_the_limit_is_no_silence() -> None:
    state, last = RuleState(evaluated_to=at(0)), Sample(at(0), 1.0)
    used = rule("alert")
    assert elapse(used, state, at(10), last=last, limit=used.stale_after) == (state, ())
    after, (fired,) = elapse(used, state, at(10.01), last=last, limit=used.stale_after)
    assert (after.no_data, fired.to, fired.breached_at, fired.evidence.detail) == (
        True,
        W,
        at(0),
        "No value for 10m1s.",
    )
    assert elapse(used, after, at(99), last=last, limit=used.stale_after) == (after, ())


def test_a_rule_without_a_warning_fires_as_critical() -> None:
    assert told(played(rule("alert", warning_threshold=None), [10])) == [(OK, C, GONE)]


def test_what_silence_raised_is_not_held_by_a_clear_level() -> None:
    assert told(played(rule("alert", warning_clear=70), [10, 10], 75)) == [(OK, W, GONE), (W, OK, "")]


def test_silence_counted_as_good_takes_as_long_as_good_values() -> None:
    steps = played(rule("ok", keep_firing_for="5m"), [85])
    assert [(each.to, when - at(15) < timedelta(seconds=1)) for when, each in transitions(steps)] == [
        (W, True),
        (OK, True),
    ]
    assert transitions(steps)[-1][0] >= at(15)


def test_pending_does_not_survive_silence_that_counts_as_good() -> None:
    steps = played(rule("ok", **{"for": "20m"}), [85], 85)
    assert steps[-1].state.pending_since == at(30)


@pytest.mark.parametrize(
    ("minutes", "pace"), [([], None), ([0, 1], None), ([0, 1, 2], 1), ([0, 5, 10, 60], 5), ([0, 1, 2, 4, 6, 8], 2)]
)
def test_pace(minutes: list[float], pace: float | None) -> None:
    assert pace_of([at(each) for each in minutes]) == (None if pace is None else timedelta(minutes=pace))


@pytest.mark.parametrize(
    ("stale_after", "pace", "limit"), [(7, 1, 7), (None, 5, 15), (None, 0.01, 1), (None, None, None), (7, None, 7)]
)
def test_limit(stale_after: float | None, pace: float | None, limit: float | None) -> None:
    lengths = [None if each is None else timedelta(minutes=each) for each in (stale_after, pace, limit)]
    assert limit_of(lengths[0], lengths[1]) == lengths[2]


def test_the_pace_of_a_series_is_learned() -> None:
    used = rule("alert", stale_after=None)
    (fired,) = transitions(played(used, [10.0] * 5))
    assert at(7) < fired[0] < at(7.1)
    assert not transitions(played(used, [10.0] * 2))
