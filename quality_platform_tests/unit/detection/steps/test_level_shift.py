"""The running sums against least squares on explicitly whitened values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.detection.steps.level_shift import LevelShift


def by_least_squares(values: np.ndarray, cut: int, correlation: float) -> tuple[np.ndarray, np.ndarray]:
    """Both levels and their covariance for whitened values of variance one."""
    n = len(values)
    whiten = np.eye(n) - correlation * np.eye(n, k=-1)
    whiten[0, 0] = np.sqrt(1 - correlation**2)
    levels = np.column_stack([np.arange(n) < cut, np.arange(n) >= cut]).astype(float)
    design, told = whiten @ levels, whiten @ values
    return np.linalg.lstsq(design, told)[0], np.linalg.inv(design.T @ design)


@given(st.integers(0, 1000), st.integers(2, 40), st.data(), st.sampled_from([0.0, 0.3, 0.8, 0.97]))
def test_is_generalised_least_squares(seed: int, n: int, data: st.DataObject, correlation: float) -> None:
    values = np.random.default_rng(seed).normal(size=n)
    cut = data.draw(st.integers(1, n - 1))
    (before, after), covariance = by_least_squares(values, cut, correlation)
    sums = LevelShift(values[:1], correlation, 2.0)
    for value in values[1:].tolist():
        sums.append(value)
    shift = sums.at(cut)
    error = np.sqrt(2.0 * (covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]))
    assert shift.height == pytest.approx(after - before, abs=1e-7)
    assert shift.statistic == pytest.approx((after - before) / error, abs=1e-7)
    assert LevelShift(values, correlation, 2.0).at(cut) == shift


def test_memory_hides_a_small_difference_but_not_a_sudden_one() -> None:
    sudden = np.r_[np.zeros(50), np.ones(10)]
    slow = np.r_[np.zeros(50), np.linspace(0, 2, 10)]
    by_memory = [[LevelShift(one, r, 1 - r * r).at(50).statistic for r in (0.0, 0.8)] for one in (sudden, slow)]
    assert by_memory[0][1] > 0.5 * by_memory[0][0]
    assert by_memory[1][1] < 0.3 * by_memory[1][0]
