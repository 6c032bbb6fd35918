"""Is a change more sudden than the series ever is? For series that wander, and so have no levels to compare.

A count of lines or a debt ratio has no noise about a level: each commit adds to the last. What tells a step in
it is not where it stood before, but how far it moved at once, held against how far it moves anywhere else.
Does not belong here: stretches of one level each (`significance.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Points on each side; the median of five shrugs off two outliers.
REACH = 5
# What makes the median of absolute values estimate a normal distribution's deviation.
MEDIAN_TO_SIGMA = 1.4826
# Moves have heavier tails than a normal distribution: with ten degrees of freedom a p-value of 1e-4 takes six
# deviations. Fewer planted steps are found with more, more than planted ones with less.
DEGREES_OF_FREEDOM = 10.0


@dataclass(frozen=True, slots=True)
class Jump:
    """Medians of the `REACH` points before and after a cut, their distance in deviations, and its p-value."""

    before: float
    after: float
    statistic: float
    p_value: float


class Jumps:
    """The moves of one series, of `REACH` points at least."""

    def __init__(self, values: Floats) -> None:
        self._values: list[float] = values.tolist()
        self._medians = np.median(np.lib.stride_tricks.sliding_window_view(values, REACH), axis=1)
        moves = np.abs(self._medians[REACH:] - self._medians[:-REACH])
        # A series that mostly stands still has levels; its rare moves say nothing about each other.
        self._scale = MEDIAN_TO_SIGMA * float(np.median(moves)) if len(moves) else 0.0

    def at(self, cut: int) -> Jump | None:
        """The jump between `cut` - 1 and `cut`.

        None too near to the ends, where the series mostly stands still, and where the points before and after
        overlap, as they do about outliers and, as a rule, beside the true place of a jump.
        """
        from scipy.special import stdtr

        if self._scale == 0 or cut < REACH or cut >= len(self._medians) or self._overlap(cut):
            return None
        before, after = float(self._medians[cut - REACH]), float(self._medians[cut])
        statistic = (after - before) / self._scale
        return Jump(before, after, statistic, 2.0 * float(stdtr(DEGREES_OF_FREEDOM, -abs(statistic))))

    def _overlap(self, cut: int) -> bool:
        before, after = self._values[cut - REACH : cut], self._values[cut : cut + REACH]
        return max(before) >= min(after) and max(after) >= min(before)
