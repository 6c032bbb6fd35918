from __future__ import annotations

import numpy as np
import pytest

from quality_platform.detection.steps.cleaning import spread, winsorise


def test_bursts_of_three_are_pulled_in() -> None:
    values = np.tile([9.0, 10.0, 11.0], 24)
    values[[5, 35, 36, 37, 60]] = [1e9, -1e9, 1e9, 500, -70]
    cleaned = winsorise(values)
    assert cleaned.min() > 4
    assert cleaned.max() < 16
    untouched = np.setdiff1d(np.arange(72), [5, 35, 36, 37, 60])
    assert np.abs(cleaned - values)[untouched].max() < 1


@pytest.mark.parametrize("sizes", [(20, 4), (4, 20), (20, 4, 20), (10, 10)])
def test_levels_of_four_points_stay(sizes: tuple[int, ...]) -> None:
    values = np.repeat(np.arange(len(sizes)) % 2 * 1000.0, sizes) + np.arange(sum(sizes)) % 2
    assert np.array_equal(winsorise(values), values)


def test_few_events_among_zeros_are_kept_small_not_erased() -> None:
    values = np.zeros(50)
    values[[10, 30]] = 1.0
    cleaned = winsorise(values)
    assert 0 < cleaned[10] < 1
    assert cleaned.sum() == pytest.approx(2 * cleaned[10])


def test_two_modes_are_both_the_series() -> None:
    values = np.random.default_rng(0).choice([10.0, 20.0], p=[0.8, 0.2], size=300)
    assert np.array_equal(winsorise(values), values)


def test_spread_estimates_the_deviation() -> None:
    values = np.random.default_rng(0).normal(scale=3.0, size=20_000)
    assert spread(values) == pytest.approx(3.0, rel=0.03)
    assert spread(np.r_[np.zeros(95), np.full(5, 2.0)]) == pytest.approx(1.2533 * 0.1)
    assert spread(np.zeros(5)) == 0
