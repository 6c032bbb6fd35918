"""Kendall's score against SciPy's tau, and windows against each window by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from quality_platform.detection.trends.kendall import moved_on, rolling_scores, score

VALUES = st.lists(st.integers(-5, 5), min_size=6, max_size=40).map(lambda found: np.array(found, dtype=float))


@given(VALUES)
def test_rolling_is_each_by_itself(values: np.ndarray) -> None:
    each = [score(values[start : start + 6]) for start in range(len(values) - 5)]
    assert rolling_scores(values, 6).tolist() == each
    for start in range(len(each) - 1):
        assert moved_on(each[start], values[start : start + 6], values[start + 6]) == each[start + 1]


def test_score_is_tau_without_ties() -> None:
    values = np.random.default_rng(3).normal(size=50)
    tau = stats.kendalltau(np.arange(50), values).statistic
    assert score(values) == pytest.approx(tau * 50 * 49 / 2)


def test_too_short() -> None:
    assert rolling_scores(np.arange(3.0), 4).tolist() == []
