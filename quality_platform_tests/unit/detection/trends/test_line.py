"""Theil-Sen and Mann-Kendall against scipy; Hamed and Rao's correction against its formula in plain loops."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from quality_platform.detection.autocorrelation import rank_autocorrelation, variance_inflation
from quality_platform.detection.trends import line
from quality_platform.detection.trends.line import Trend, find_trend

DAY = 86_400.0


def noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


def red_noise(n: int, seed: int, memory: float = 0.6) -> np.ndarray:
    values = noise(n, seed)
    for place in range(1, n):
        values[place] += memory * values[place - 1]
    return values


def irregular(n: int, seed: int = 1) -> np.ndarray:
    """Instants of commits: bursts, pauses, some at the same second."""
    gaps = np.random.default_rng(seed).choice([0.0, 60.0, 3600.0, 5 * DAY], size=n)
    return 1.7e9 + np.cumsum(gaps)


@pytest.mark.parametrize("n", [8, 9, 57, 200])
@pytest.mark.parametrize("decimals", [0, 6])
def test_slope_and_line_agree_with_scipy(n: int, decimals: int) -> None:
    times, values = irregular(n), np.round(50 + 5 * noise(n) + np.arange(n) / n, decimals)
    oracle = stats.theilslopes(values, (times - times[0]) / DAY, method="joint")
    trend = find_trend(times, values)
    assert trend is not None
    assert trend.slope_per_day == pytest.approx(oracle.slope, rel=1e-6)
    assert trend.start_value == pytest.approx(oracle.intercept, rel=1e-9)
    assert trend.end_value == pytest.approx(oracle.intercept + oracle.slope * (times[-1] - times[0]) / DAY)
    assert trend.lower <= trend.slope_per_day <= trend.upper


@pytest.mark.parametrize("n", [8, 57, 200])
@pytest.mark.parametrize("decimals", [0, 6])
def test_interval_agrees_with_scipy_where_values_are_independent(
    n: int, decimals: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "variance_inflation", lambda residuals: 1.0)
    times, values = np.arange(n) * DAY, np.round(5 * noise(n), decimals)
    oracle = stats.theilslopes(values, np.arange(n))
    trend = find_trend(times, values)
    assert trend is not None
    assert (trend.lower, trend.upper) == pytest.approx((oracle.low_slope, oracle.high_slope))


@pytest.mark.parametrize("decimals", [0, 6])
@pytest.mark.parametrize("times", [np.arange(60.0), np.round(np.arange(60.0) / 4)], ids=["distinct", "shared"])
def test_score_and_variance_agree_with_kendalls_tau(times: np.ndarray, decimals: int) -> None:
    values = np.round(2 * noise(60) + times / 30, decimals)
    pairs = list(combinations(range(60), 2))
    rising = [np.sign(times[j] - times[i]) * np.sign(values[j] - values[i]) for i, j in pairs]
    score = line._score(line._pairwise_slopes(times, values))
    assert score == sum(rising)
    oracle = stats.kendalltau(times, values, method="asymptotic")
    z = score / math.sqrt(line.score_variance(times, values))
    assert 2 * stats.norm.sf(abs(z)) == pytest.approx(oracle.pvalue)


def test_sens_own_example() -> None:
    """P. K. Sen (1968), section 6: the slope is 4."""
    slopes = line._pairwise_slopes(np.array([1.0, 2, 3, 4, 10, 12, 18]), np.array([9.0, 15, 19, 20, 45, 55, 78]))
    assert line._middle(slopes) == pytest.approx(4.0)


@pytest.mark.parametrize("seed", range(4))
def test_inflation_is_hamed_and_raos_formula(seed: int) -> None:
    n, values = 60, np.round(red_noise(60, seed), 1)
    ranks = stats.rankdata(values)
    centred = ranks - ranks.mean()
    total = 0.0
    for lag in range(1, n):
        correlation = sum(centred[t] * centred[t + lag] for t in range(n - lag)) / sum(centred**2)
        assert rank_autocorrelation(values)[lag - 1] == pytest.approx(correlation)
        if correlation > 1.96 / math.sqrt(n):
            total += (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation
    assert variance_inflation(values) == pytest.approx(1 + 2 / (n * (n - 1) * (n - 2)) * total)


def test_agrees_with_another_implementation() -> None:
    """Reference: pymannkendall 1.4.3, hamed_rao_modification_test of the same numbers; uncorrected it says 0.049."""
    places = np.arange(40)
    values = np.cos(places**2) + 0.7 * np.cos((places - 1) ** 2) + 0.01 * places
    trend = find_trend(places * DAY, values)
    assert trend is not None
    assert trend.p_value == pytest.approx(0.1325205648190193, rel=1e-9)
    assert trend.slope_per_day == pytest.approx(0.019972434882954332, rel=1e-9)


@pytest.mark.parametrize(("memory", "most"), [(0.0, 0.02), (0.3, 0.04), (0.6, 0.04)])
def test_false_trends_stay_rare_where_values_have_a_memory(memory: float, most: float) -> None:
    """At the default of 1 per cent. Without the correction a memory of 0.6 gives 17 per cent."""
    times = np.arange(200) * DAY
    found = [find_trend(times, 50 + red_noise(200, seed, memory)) for seed in range(300)]
    assert np.mean([trend is not None and trend.direction != "flat" for trend in found]) <= most


@pytest.mark.parametrize(("slope", "direction"), [(0.05, "up"), (-0.05, "down"), (0.0, "flat")])
def test_direction(slope: float, direction: str) -> None:
    trend = find_trend(np.arange(100) * DAY, 50 + noise(100, 3) + slope * np.arange(100))
    assert trend is not None
    assert trend.direction == direction


def test_an_exact_line() -> None:
    trend = find_trend(1.7e9 + np.arange(50) * DAY / 2, 80 - 0.1 * np.arange(50))
    assert trend is not None
    assert trend.slope_per_day == pytest.approx(-0.2)
    assert (trend.start_value, trend.end_value) == pytest.approx((80, 75.1))
    assert trend.change_percent == pytest.approx(-6.125)
    assert trend.p_value < 1e-15
    assert (trend.n, trend.direction) == (50, "down")


def test_half_the_pairs_equal_is_flat() -> None:
    trend = find_trend(np.arange(40) * DAY, np.r_[np.zeros(34), np.ones(6)])
    assert trend is not None
    assert (trend.slope_per_day, trend.direction, trend.change_percent) == (0.0, "flat", 0.0)


NOTHING = {
    "empty": ([], []),
    "seven": (range(7), range(7)),
    "seven and gaps": (range(10), [1, 2, 3, math.nan, 5, 6, math.inf, 8, 9, -math.inf]),
    "constant": (range(20), [3.5] * 20),
    "one instant": ([5.0] * 20, range(20)),
    "a burst at one instant, in blocks": ([*[0.0] * 5000, 1.0], range(5001)),
}


@pytest.mark.parametrize("case", NOTHING)
def test_none(case: str) -> None:
    times, values = NOTHING[case]
    assert find_trend(np.array(times, dtype=float), np.array(values, dtype=float)) is None


def test_gaps_and_the_order_given_do_not_matter() -> None:
    times, values = irregular(60), np.round(noise(60) + np.arange(60) / 20, 1)
    plain = find_trend(times, values)
    order = np.random.default_rng(5).permutation(63)
    messy_times = np.r_[times, math.nan, times[3], times[4]][order]
    messy_values = np.r_[values, 7.0, math.nan, math.inf][order]
    assert find_trend(messy_times, messy_values) == plain


@given(st.floats(-1e6, 1e6), st.sampled_from([1e-9, 0.5, 3.0, 1e12]))
def test_shift_and_scale(shift: float, scale: float) -> None:
    times, values = irregular(30), noise(30) + np.arange(30) / 10
    plain = find_trend(times, values)
    assert plain is not None
    larger = find_trend(times + 1e6, values * scale)
    assert larger is not None
    assert larger.slope_per_day == pytest.approx(plain.slope_per_day * scale, rel=1e-6)
    assert (larger.p_value, larger.direction) == (pytest.approx(plain.p_value), plain.direction)
    mirrored = find_trend(times, shift - values)
    assert mirrored is not None
    assert mirrored.slope_per_day == pytest.approx(-plain.slope_per_day, rel=1e-3, abs=1e-9)


def test_long_series_are_judged_by_blocks() -> None:
    n = 20_500
    times, values = np.arange(n) * 60.0, 20 + noise(n) + np.arange(n) / n
    trend = find_trend(times, values)
    assert trend is not None
    assert trend.n == n
    assert trend.end_value - trend.start_value == pytest.approx(1.0, abs=0.1)
    assert trend.p_value < 1e-12
    assert find_trend(times, values) == trend


FLOATS = st.integers(8, 24).flatmap(lambda n: arrays.arrays(float, (2, n), elements=st.floats()))


@given(FLOATS)
def test_any_floats_give_a_sane_answer(both: np.ndarray) -> None:
    trend = find_trend(both[0], both[1])
    if trend is not None:
        assert isinstance(trend, Trend)
        assert 0 <= trend.p_value <= 1
        assert trend.lower <= trend.slope_per_day <= trend.upper
        assert math.isfinite(trend.change_percent)
