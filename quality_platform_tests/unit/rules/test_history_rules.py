"""Rules about how a series moved that look themselves: baselines, slopes, scores; and good news."""

from __future__ import annotations

import math
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.rules import AnomalyRule, ImprovementRule, RegressionRule, TrendRule
from quality_platform.rules import anomaly
from quality_platform.rules.judging import Known
from quality_platform.rules.regression import ChangeRow
from quality_platform.rules.series import replay, transitions
from quality_platform.rules.slope import slope_of
from quality_platform_tests.data.series import at, metric_of, samples

COVERAGE = metric_of("coverage", "higher_is_better", "%")
DAY = 24 * 60.0


def told(
    rule: object, values: list[float], *, every: float = DAY, known: Known | None = None
) -> list[tuple[float, str]]:
    """Place of the sample and new level of each change."""
    steps = replay(rule, samples(values, every), metric=COVERAGE, known=known)  # type: ignore[arg-type]
    return [((when - at(0)).total_seconds() / 60 / every, each.to) for when, each in transitions(steps)]


def regression(**baseline: object) -> RegressionRule:
    return RegressionRule.model_validate({"metric_name": "coverage", "baseline": baseline})


@pytest.mark.parametrize(
    ("baseline", "values", "expected"),
    [
        ({"kind": "branch", "max_drop": 2, "mode": "absolute"}, [80, 78.1, 76], [(2, "warning")]),
        ({"kind": "branch", "max_drop": 2, "mode": "absolute"}, [80, 77, 77, 77], [(1, "warning")]),
        ({"kind": "branch", "max_drop": 2, "mode": "absolute"}, [80, 77, 79], [(1, "warning"), (2, "ok")]),
        ({"kind": "branch", "max_drop": 5, "critical_drop": 10}, [80, 76, 72], [(1, "warning"), (2, "critical")]),
        ({"kind": "branch", "max_drop": 5}, [80, 90, 86], []),
        (
            {"kind": "median_runs", "n": 3, "max_drop": 5},
            [80, 60, 80, 80, 75],
            [(1, "warning"), (2, "ok"), (4, "warning")],
        ),
        ({"kind": "median_runs", "n": 3, "max_drop": 5}, [80, math.nan, 75], [(2, "warning")]),
        ({"kind": "release", "max_drop": 5}, [80, 70, 60], []),
    ],
)
def test_baselines(baseline: dict[str, object], values: list[float], expected: list[tuple[float, str]]) -> None:
    assert told(regression(**baseline), values) == expected


def test_the_last_release_is_the_baseline() -> None:
    known = Known(releases=(at(1.5 * DAY),))
    rule = regression(kind="release", max_drop=5)
    assert told(rule, [80, 90, 85, 84], known=known) == [(2, "warning")]


def test_a_drop_that_lasts_becomes_the_new_normal() -> None:
    assert told(regression(kind="branch", max_drop=5), [80.0, *[70.0] * 40]) == [(1, "warning"), (32, "ok")]


def trend(**fields: object) -> TrendRule:
    return TrendRule.model_validate({"metric_name": "coverage", "trend": fields})


@pytest.mark.parametrize(
    ("fields", "values", "levels"),
    [
        ({"min_slope_per_day": -0.5}, [80 - day for day in range(10)], ["warning"]),
        ({"min_slope_per_day": -1.5}, [80 - day for day in range(10)], []),
        ({"min_slope_per_day": 0.5}, [80 + day for day in range(10)], ["warning"]),
        ({}, [80 + day for day in range(10)], []),
        ({}, [80.0 - day for day in range(7)], []),
        ({"min_change": 8}, [80 - day for day in range(10)], ["warning"]),
        ({"min_change": 10}, [80 - day for day in range(10)], []),
        ({"min_r": 0.9}, [80, 79, 81, 78, 80, 77, 79, 76, 78, 75], []),
        ({"min_r": 0.4}, [80, 79, 81, 78, 80, 77, 79, 76, 78, 75], ["warning"]),
        ({}, [80.0] * 20, []),
        ({"window": "7d", "min_samples": 5}, [80 - day for day in range(8)] + [73.0] * 8, ["warning", "ok"]),
    ],
)
def test_slopes(fields: dict[str, object], values: list[float], levels: list[str]) -> None:
    assert [level for _, level in told(trend(**fields), values)] == levels


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=30), st.floats(-10, 10))
def test_the_slope_is_the_median_of_all_pairs(values: list[float], lean: float) -> None:
    given_ = [Sample(at(place * DAY), value + lean * place) for place, value in enumerate(values)]
    pairs = [
        (late.value - early.value) / (last - first)
        for first, early in enumerate(given_)
        for last, late in enumerate(given_)
        if last > first
    ]
    found = slope_of(given_)
    assert found is not None
    assert found.per_day == pytest.approx(median(pairs), rel=1e-9, abs=1e-9)
    assert -1 <= found.consistency <= 1


def test_of_many_samples_some_are_taken() -> None:
    found = slope_of(samples([float(each) for each in range(5000)], every=DAY))
    assert found is not None
    assert (round(found.per_day, 9), found.consistency) == (1, 1)
    assert slope_of([]) is None
    assert slope_of([Sample(at(0), 1.0), Sample(at(0), 2.0)]) is None


def unusual(**fields: object) -> AnomalyRule:
    return AnomalyRule.model_validate({"metric_name": "coverage", **fields})


QUIET = [50.0 + place % 5 for place in range(30)]


@pytest.mark.parametrize(
    ("fields", "value", "levels"),
    [
        ({}, 54, []),
        ({}, 90, ["warning"]),
        ({}, 10, ["warning"]),
        ({"critical_score": 20}, 90, ["critical"]),
        ({"side": "above"}, 10, []),
        ({"side": "below"}, 10, ["warning"]),
        ({"side": "worse"}, 90, []),
        ({"side": "worse"}, 10, ["warning"]),
        ({"min_samples": 31}, 90, []),
        ({"min_change_percent": 90}, 90, []),
        ({"for": "1d"}, 90, []),
        ({"window": "10d", "min_samples": 11}, 90, []),
    ],
)
def test_anomalies(fields: dict[str, object], value: float, levels: list[str]) -> None:
    assert [level for _, level in told(unusual(**{"window": "60d", **fields}), [*QUIET, value])] == levels


def test_an_anomaly_clears_with_an_ordinary_value() -> None:
    assert [level for _, level in told(unusual(window="60d"), [*QUIET, 90, 52])] == ["warning", "ok"]


def test_a_series_that_never_moved() -> None:
    assert anomaly.scored([5.0] * 20, 5.0) == 0
    assert anomaly.scored([5.0] * 20, 5.1) == anomaly.MOST
    assert anomaly.scored([5.0] * 20, 4.9) == -anomaly.MOST
    assert anomaly.scored([], 4.9) == 0


def test_detection_is_believed() -> None:
    values = samples([*QUIET, 90, 52], every=DAY)
    ordinary = anomaly.evaluate(unusual(), RuleState(), values, direction="neutral", verdicts={})
    assert ordinary[0].level == "ok"
    verdicts = {values[-1].observed_at: -7.0}
    odd, _ = anomaly.evaluate(
        unusual(min_change_percent=0), RuleState(), values, direction="neutral", verdicts=verdicts
    )
    assert odd.level == "warning"


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(-1e6, 1e6))
def test_scores_are_bounded_and_point_the_right_way(before: list[float], value: float) -> None:
    score = anomaly.scored(before, value)
    assert abs(score) <= anomaly.MOST
    assert score == 0 or (score > 0) == (value > median(before))


IMPROVES = ImprovementRule(metric_name="coverage")


@pytest.mark.parametrize(
    ("changes", "days", "levels"),
    [
        ([(0, 60, 80)], 3, ["info"]),
        ([(0, 60, 80)], 9, ["info", "ok"]),
        ([(0, 60, 62)], 3, []),
        ([(0, 80, 60)], 3, []),
        ([(0, 60, 80), (2, 80, 59)], 4, ["info", "ok"]),
    ],
)
def test_improvements(changes: list[tuple[float, float, float]], days: int, levels: list[str]) -> None:
    rows = [ChangeRow(at(day * DAY), before, after) for day, before, after in changes]
    assert [level for _, level in told(IMPROVES, [70.0] * (days + 1), known=Known(changes=rows))] == levels
