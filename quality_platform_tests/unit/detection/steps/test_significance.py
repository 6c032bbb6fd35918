"""The comparison of two stretches against scipy and against the same sums over plain slices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from quality_platform.detection.steps import significance
from quality_platform.detection.steps.significance import RunningSums


def noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


def test_is_welchs_test_where_values_are_independent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(significance, "SHARED_WEIGHT", 0.0)
    alternating = np.tile([1.0, -1.0], 40) + 0.2 * noise(80)
    alternating[30:] = 0.6 + 2 * alternating[30:]
    found = RunningSums(alternating).compare(0, 30, 80)
    oracle = stats.ttest_ind(alternating[30:], alternating[:30], equal_var=False)
    assert found.statistic == pytest.approx(oracle.statistic)
    assert found.p_value == pytest.approx(oracle.pvalue)


@given(st.integers(0, 1000), st.integers(2, 40), st.integers(2, 40), st.integers(0, 10))
def test_running_sums_are_those_of_the_slices(seed: int, left: int, right: int, start: int) -> None:
    values = noise(start + left + right + 5, seed)
    cut, end = start + left, start + left + right
    before, after = values[start:cut], values[cut:end]
    found = RunningSums(values).compare(start, cut, end)
    assert (found.before, found.after) == pytest.approx((before.mean(), after.mean()))
    within = ((before - before.mean()) ** 2).sum() + ((after - after.mean()) ** 2).sum()
    assert found.deviations == pytest.approx(abs(after.mean() - before.mean()) / math.sqrt(within / (left + right - 2)))
    places = np.arange(start, end)
    line = np.polynomial.Polynomial.fit(places, values[start:end], 1)(places)
    assert found.is_slope == (within > ((values[start:end] - line) ** 2).sum())
    sums, share = RunningSums(values), (before - before.mean()) / 1
    assert sums._lagged(start, cut, before.mean()) == pytest.approx((share[1:] * share[:-1]).sum(), abs=1e-9)


def test_memory_makes_it_less_certain() -> None:
    steady = noise(100, 3)
    wandering = np.cumsum(noise(100, 3))
    jump = (np.arange(100) >= 50) * 3.0
    certain = RunningSums(steady + jump).compare(0, 50, 100)
    doubtful = RunningSums(wandering / wandering.std() + jump).compare(0, 50, 100)
    assert certain.p_value < 1e-10
    assert doubtful.p_value > 1e-4


@pytest.mark.parametrize(("correlation", "share"), [(-0.5, 1.0), (0.0, 0.96), (0.5, 0.288), (1.5, 0.026)])
def test_independent_share(correlation: float, share: float) -> None:
    memory = significance._unbiased(correlation, 100)
    assert significance._independent_share(memory) == pytest.approx(share, abs=0.01)


def test_constants() -> None:
    sums = RunningSums(np.repeat([2.0, 5.0, 5.0], 10))
    differ, same = sums.compare(0, 10, 20), sums.compare(10, 20, 30)
    assert (differ.before, differ.after, differ.p_value, differ.is_slope) == (2.0, 5.0, 0.0, False)
    assert same.p_value == 1.0
