"""Bounds out of errors, and how much the errors tell."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

from quality_platform.detection.forecasts.bounds import independent_ones, widening


def test_nine_of_ten_independent_errors_lie_within() -> None:
    errors = np.random.default_rng(1).normal(size=(5_000, 1))
    assert widening(errors) == pytest.approx([1.645], abs=0.06)


def test_what_is_not_known_does_not_count_and_bounds_never_narrow() -> None:
    random = np.random.default_rng(2)
    errors = np.column_stack([2 * random.normal(size=400), random.normal(size=400)])
    errors[300:, 1] = np.nan
    near, far = widening(errors)
    assert near == far == pytest.approx(3.3, abs=0.4)


@pytest.mark.parametrize("width", [1, 5, 20])
def test_overlapping_errors_tell_as_much_as_fewer(width: int) -> None:
    """Sums of `width` neighbours: correlations of 1 - k / width, which add up to (width - 1) / 2."""
    random = np.random.default_rng(width)
    sums = np.convolve(random.normal(size=20_000 + width - 1), np.ones(width), "valid")
    assert independent_ones(sums) == pytest.approx(20_000 / width, rel=0.25)


def test_a_few_that_tell_little_are_taken_for_a_sample() -> None:
    errors = np.full((40, 1), 3.0)
    independent = independent_ones(errors[:, 0])
    assert independent == pytest.approx(1.0, abs=0.2)
    assert widening(errors) == pytest.approx([3.0 * student.ppf(0.95, independent)])


def test_no_errors_no_width() -> None:
    assert widening(np.zeros((30, 2))).tolist() == [0.0, 0.0]
