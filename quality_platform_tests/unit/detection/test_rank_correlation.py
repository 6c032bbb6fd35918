"""Spearman's correlation is scipy's; its p-value holds for series with a memory, where scipy's does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter
from scipy.stats import spearmanr

from quality_platform.detection.rank_correlation import rank_correlation

VALUES = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=12, max_size=60)


@given(VALUES)
def test_rho_is_scipys(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    found = rank_correlation(one, other)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        assert found is None
        return
    assert found is not None
    assert found.rho == pytest.approx(spearmanr(one, other).statistic, abs=1e-9)
    assert found.p_value >= spearmanr(one, other).pvalue * (1 - 1e-6) - 1e-9


def test_white_noise_has_nearly_the_p_value_of_independent_pairs() -> None:
    one, other = np.random.default_rng(1).normal(size=(2, 400))
    found = rank_correlation(one, other + 0.2 * one)
    assert found is not None
    assert np.log(found.p_value) == pytest.approx(np.log(spearmanr(one, other + 0.2 * one).pvalue), rel=0.25)


def test_unrelated_series_with_a_memory_are_seldom_called_related() -> None:
    random = np.random.default_rng(2)
    found, naive = 0, 0
    for _ in range(400):
        one, other = lfilter([1], [1, -0.9], random.normal(size=(2, 300)))
        told = rank_correlation(one, other)
        assert told is not None
        found += told.p_value < 0.01
        naive += spearmanr(one, other).pvalue < 0.01
    assert naive > 100
    assert found <= 20


def test_unknown_pairs_are_left_out_and_few_say_nothing() -> None:
    rising = np.arange(13.0)
    gap = rising.copy()
    gap[3] = np.nan
    found = rank_correlation(gap, rising)
    assert found is not None
    assert (found.rho, found.pairs) == (pytest.approx(1), 12)
    gap[4] = np.nan
    assert rank_correlation(gap, rising) is None
    assert rank_correlation(np.ones(50), np.arange(50.0)) is None
