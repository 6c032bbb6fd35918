"""Taming lone outliers without touching steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Bursts of up to three points are outliers; more of the same is a level.
HALF_WINDOW = 3
WIDTH = 3.0
# A tenth of the points may be outliers. The median would allow half, but takes the rarer of two modes for
# outliers, and what is left of a series that alternates between modes then looks like steps.
QUANTILE = 0.9
# What makes that quantile, and the mean, of absolute deviations estimate a normal distribution's deviation.
QUANTILE_TO_SIGMA, MEAN_TO_SIGMA = 1 / 1.6449, 1.2533


def winsorise(values: Floats) -> Floats:
    """`values`, shape (n,), n > 3, pulled to within 3 robust deviations of their rolling median of 7.

    A rolling median follows a step exactly, so a new level survives as soon as it has four points, at the
    ends too, where the series is continued by its reflection.
    """
    padded = np.pad(values, HALF_WINDOW, mode="reflect")
    middle = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * HALF_WINDOW + 1), axis=1)
    reach = WIDTH * spread(values - middle)
    return np.clip(values, middle - reach, middle + reach)


def spread(deviations: Floats) -> float:
    """Standard deviation of what lies about zero, by a quantile; by the mean where nine tenths of it are zero."""
    sizes = np.abs(deviations)
    return float(QUANTILE_TO_SIGMA * np.quantile(sizes, QUANTILE) or MEAN_TO_SIGMA * sizes.mean())
