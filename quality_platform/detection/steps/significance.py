"""Is the difference between two neighbouring stretches more than noise, and is it a step and not a slope?

Welch's test with sample sizes reduced for first-order autocorrelation: n (1 - r) / (1 + r), after Bayley and
Hammersley, J. Roy. Statist. Soc. Suppl. 8 (1946) 184; r corrected for its bias in short series after
Marriott and Pope, Biometrika 41 (1954) 390.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Each side's variance is drawn towards the common one with the weight of this many values: five points alone
# may lie close together by chance and make any step look certain (moderated t: G. K. Smyth, Statist. Appl. Genet.
# Mol. Biol. 3 (2004) 3).
SHARED_WEIGHT = 2.0
# Beyond this correlation a series is a random walk, in which every stretch has its own level.
MAXIMUM_CORRELATION = 0.95
# Below this many values the bias correction is larger than what it corrects.
CORRECTED_FROM = 12
# Deviations this much smaller than the sum of all squares are rounding errors of running sums.
ROUNDING = 1e-14


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two stretches side by side, in the series' own scale.

    `before` and `after` are the mean levels; `deviations` is their distance in standard deviations within the
    stretches; `statistic` Welch's t; `memory` the correlation of neighbours within the stretches; `is_slope` says
    that one straight line fits better than two levels.
    """

    before: float
    after: float
    deviations: float
    statistic: float
    p_value: float
    memory: float
    is_slope: bool


class RunningSums:
    """Sums from which the comparison of any two neighbouring stretches takes constant time."""

    def __init__(self, values: Floats) -> None:
        self._sum = _running(values)
        self._square = _running(values * values)
        self._product = _running(values[1:] * values[:-1])
        self._moment = _running(values * np.arange(len(values)))

    def compare(self, start: int, cut: int, end: int) -> Comparison:
        """[start, cut) against [cut, end), each of two values at least."""
        sizes = cut - start, end - cut
        means = self._mean(start, cut), self._mean(cut, end)
        squares = self._deviations(start, cut), self._deviations(cut, end)
        difference, within = means[1] - means[0], squares[0] + squares[1]
        if within <= ROUNDING * self._square[-1]:
            return Comparison(*means, math.inf, math.inf, 0.0 if difference else 1.0, 0.0, is_slope=False)
        lagged = self._lagged(start, cut, means[0]) + self._lagged(cut, end, means[1])
        memory = _unbiased(lagged / within, sum(sizes))
        statistic, p_value = _welch(difference, sizes, squares, _independent_share(memory))
        return Comparison(
            before=means[0],
            after=means[1],
            deviations=abs(difference) / math.sqrt(within / (sum(sizes) - 2)),
            statistic=statistic,
            p_value=p_value,
            memory=memory,
            is_slope=within > self._about_line(start, end),
        )

    def _mean(self, start: int, end: int) -> float:
        return (self._sum[end] - self._sum[start]) / (end - start)

    def _deviations(self, start: int, end: int) -> float:
        """Squared deviations from the mean."""
        total = self._sum[end] - self._sum[start]
        return max(self._square[end] - self._square[start] - total * total / (end - start), 0.0)

    def _lagged(self, start: int, end: int, mean: float) -> float:
        """Products of neighbouring deviations from the mean."""
        products = self._product[end - 1] - self._product[start]
        ends = self._sum[end - 1] - self._sum[start] + self._sum[end] - self._sum[start + 1]
        return products - mean * ends + (end - start - 1) * mean * mean

    def _about_line(self, start: int, end: int) -> float:
        """Squared deviations from the least-squares line."""
        n = end - start
        centre = (start + end - 1) / 2
        moment = self._moment[end] - self._moment[start] - centre * (self._sum[end] - self._sum[start])
        return self._deviations(start, end) - moment * moment * 12 / (n * (n * n - 1))


def _running(values: Floats) -> list[float]:
    """Sums of the first 0, 1, ... values, as a list: single look-ups in an array take five times as long."""
    sums: list[float] = np.concatenate(([0.0], np.cumsum(values))).tolist()
    return sums


def _unbiased(correlation: float, n: int) -> float:
    if n >= CORRECTED_FROM:
        correlation = (correlation + 2 / n) / (1 - 6 / n)
    return min(max(correlation, 0.0), MAXIMUM_CORRELATION)


def _independent_share(memory: float) -> float:
    """What part of the values counts as independent."""
    return (1 - memory) / (1 + memory)


def _welch(
    difference: float, sizes: tuple[int, int], squares: tuple[float, float], share: float
) -> tuple[float, float]:
    """Welch's t and its two-sided p-value, degrees of freedom after Satterthwaite."""
    from scipy.special import stdtr

    common = sum(squares) / (sum(sizes) - 2)
    counts = [max(size * share, 2.0) for size in sizes]
    errors = [
        (square + SHARED_WEIGHT * common) / (size - 1 + SHARED_WEIGHT) / count
        for size, square, count in zip(sizes, squares, counts, strict=True)
    ]
    freedom = sum(errors) ** 2 / sum(
        error**2 / (count - 1 + SHARED_WEIGHT) for error, count in zip(errors, counts, strict=True)
    )
    statistic = difference / math.sqrt(sum(errors))
    return statistic, 2.0 * float(stdtr(freedom, -abs(statistic)))
