"""Slow drift of a series: Theil-Sen slope with its interval, Mann-Kendall test corrected for autocorrelation.

Does not belong here: sudden changes of level (`steps/`).
Sources: P. K. Sen, J. Amer. Statist. Assoc. 63 (1968) 1379; M. G. Kendall, Rank Correlation Methods (1975);
K. H. Hamed and A. R. Rao, J. Hydrology 204 (1998) 182.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quality_platform.detection.autocorrelation import variance_inflation
from quality_platform.detection.blocks import medians
from quality_platform.detection.scaling import to_unit, usable
from quality_platform.model.change import percent_change

Floats = NDArray[np.float64]

SECONDS_PER_DAY = 86_400.0
MINIMUM_POINTS = 8
# All pairs of 200 points take 1 ms; four times as long for twice the points.
MAXIMUM_POINTS = 200


@dataclass(frozen=True, slots=True)
class Trend:
    """A fitted line and how sure it is.

    `lower` and `upper` bound the slope; `start_value` and `end_value` are the line at the first and the last
    instant, `change_percent` the one against the other. `direction` is flat where the test sees no trend.
    `n` counts the observations used.
    """

    slope_per_day: float
    lower: float
    upper: float
    p_value: float
    start_value: float
    end_value: float
    change_percent: float
    n: int
    direction: Literal["up", "down", "flat"]


def find_trend(times: ArrayLike, values: ArrayLike, *, alpha: float = 0.01, confidence: float = 0.95) -> Trend | None:
    """The trend of `values` over `times` (both float64, shape (n,); times in seconds, in any order).

    Values that are not finite, or 1e200 and more, are left out. None where fewer than 8 points remain, or all
    are of one instant or of one value. Beyond 200 points the medians of 200 equal blocks stand for them.
    """
    seconds, levels = _usable(times, values)
    n = len(levels)
    if n < MINIMUM_POINTS:
        return None
    days, (unit, exponent) = _blocks(seconds) / SECONDS_PER_DAY, to_unit(_blocks(levels))
    if days[0] == days[-1] or unit.min() == unit.max():
        return None
    slopes = _pairwise_slopes(days, unit)
    slope = _middle(slopes)
    # rounded, because the rounding errors of an exact line are correlated
    residuals = np.round(unit - slope * days, 12)
    variance = score_variance(days, unit) * variance_inflation(residuals)
    p_value = _p_value(_score(slopes), variance)
    lower, upper = _interval(slopes, variance, confidence)
    start = float(np.median(residuals))
    end = start + slope * float(seconds[-1]) / SECONDS_PER_DAY
    return Trend(
        slope_per_day=math.ldexp(slope, exponent),
        lower=math.ldexp(lower, exponent),
        upper=math.ldexp(upper, exponent),
        p_value=p_value,
        start_value=math.ldexp(start, exponent),
        end_value=math.ldexp(end, exponent),
        change_percent=percent_change(start, end),
        n=n,
        direction=_direction(slope) if p_value <= alpha else "flat",
    )


def score_variance(times: Floats, values: Floats) -> float:
    """Variance of Kendall's score under independence, with ties in either array (Kendall 1975, chapter 4)."""
    n = len(values)
    of_times, of_values = (np.unique(array, return_counts=True)[1].astype(float) for array in (times, values))

    def third(counts: Floats) -> float:
        return float((counts * (counts - 1) * (2 * counts + 5)).sum())

    def falling(counts: Floats, order: int) -> float:
        return float(np.prod([counts - step for step in range(order)], axis=0).sum())

    return (
        (n * (n - 1) * (2 * n + 5) - third(of_times) - third(of_values)) / 18
        + falling(of_times, 2) * falling(of_values, 2) / (2 * n * (n - 1))
        + falling(of_times, 3) * falling(of_values, 3) / (9 * n * (n - 1) * (n - 2))
    )


def _usable(times: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats]:
    """Seconds since the first instant, to the microsecond, and values, in order of time.

    Values of one instant go in order of size, so that the order they came in decides nothing.
    """
    seconds, levels = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    kept = usable(seconds) & usable(levels)
    seconds, levels = seconds[kept], levels[kept]
    seconds = np.round(seconds - seconds.min(initial=np.inf), 6)
    order = np.lexsort((levels, seconds))
    return seconds[order], levels[order]


def _blocks(array: Floats) -> Floats:
    """`array`, or the medians of `MAXIMUM_POINTS` blocks of it that differ by one point at most in length."""
    n = len(array)
    if n <= MAXIMUM_POINTS:
        return array
    return medians(np.arange(n) * MAXIMUM_POINTS // n, array)


def _pairwise_slopes(days: Floats, values: Floats) -> Floats:
    """Slopes of all pairs of different instants, sorted: median, interval and score are then look-ups."""
    apart = days[None, :] - days[:, None]
    later = apart > 0
    slopes: Floats = (values[None, :] - values[:, None])[later] / apart[later]
    slopes.sort()
    return slopes


def _middle(ordered: Floats) -> float:
    half = len(ordered) // 2
    return float(ordered[half]) if len(ordered) % 2 else float(ordered[half - 1] + ordered[half]) / 2


def _score(slopes: Floats) -> int:
    """Kendall's score: rising pairs minus falling pairs."""
    falling, not_rising = np.searchsorted(slopes, 0.0, "left"), np.searchsorted(slopes, 0.0, "right")
    return int(len(slopes) - not_rising - falling)


def _p_value(score: int, variance: float) -> float:
    """Two-sided normal approximation with the continuity correction."""
    if variance <= 0 or abs(score) <= 1:
        return 1.0
    return math.erfc((abs(score) - 1) / math.sqrt(2 * variance))


def _interval(slopes: Floats, variance: float, confidence: float) -> tuple[float, float]:
    """Order statistics that bound the slope (Sen 1968)."""
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * math.sqrt(variance)
    count = len(slopes)
    low = max(round((count - reach) / 2) - 1, 0)
    high = min(round((count + reach) / 2), count - 1)
    return float(slopes[low]), float(slopes[high])


def _direction(slope: float) -> Literal["up", "down", "flat"]:
    if slope == 0:
        return "flat"
    return "up" if slope > 0 else "down"
