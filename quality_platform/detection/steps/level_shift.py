"""Has the level shifted lately? The likelihood ratio of a step in noise with a memory, for any recent cut.

Belongs here: the statistic and its running sums. Does not belong here: how noisy the series is (`running_noise.py`)
or when to tell (`row_by_row.py`).
Sources: generalised likelihood ratio for a step, D. Siegmund and E. S. Venkatraman, Ann. Statist. 23 (1995) 255;
least squares on whitened values, D. Cochrane and G. H. Orcutt, J. Amer. Statist. Assoc. 44 (1949) 32, the first
value weighed as by S. J. Prais and C. B. Winsten, Cowles Commission Discussion Paper 383 (1954).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Shift(NamedTuple):
    """A step between `cut` - 1 and `cut`: its height, and the same in standard errors."""

    cut: int
    height: float
    statistic: float


class LevelShift:
    """Running sums over one stretch of values, one at least; the next value and any question take constant time.

    With correlation r, u[i] - r u[i-1] has no memory any more. A step shows in it with its whole height at the cut
    and with 1 - r of it from then on: memory hides a small difference of levels, but not a sudden one.
    """

    def __init__(self, values: Floats, correlation: float, variance: float) -> None:
        """`values`, shape (n,); `variance` is that of the whitened ones."""
        self._correlation, self._share, self._variance = correlation, 1.0 - correlation, variance
        self._first_weight = 1.0 - correlation * correlation
        self._first = self._first_weight * float(values[0])
        self._last = float(values[-1])
        whitened = values[1:] - correlation * values[:-1]
        # a list: single look-ups in an array take five times as long
        self._sums: list[float] = np.concatenate(([0.0], np.cumsum(whitened))).tolist()

    def append(self, value: float) -> None:
        """Take the next value."""
        self._sums.append(self._sums[-1] + (value - self._correlation * self._last))
        self._last = value

    def __len__(self) -> int:
        return len(self._sums)

    def at(self, cut: int) -> Shift:
        """The step at `cut`, 0 < `cut` < len: the normal equations of two levels, solved.

        Every whitened value tells of one level alone, but for the one at the cut, which tells of both.
        """
        r, share, sums = self._correlation, self._share, self._sums
        total, so_far = sums[-1], sums[cut - 1]
        at_cut = sums[cut] - so_far
        # weights and sums of the levels before and after, each less what the cut itself tells of the other level
        before = self._first_weight + (cut - 1) * share * share + r * r
        after = 1.0 + (len(sums) - cut - 1) * share * share
        told_before = self._first + share * so_far - r * at_cut
        told_after = at_cut + share * (total - sums[cut])
        told = told_after * (before - r) - told_before * (after - r)
        determinant = before * after - r * r
        error = math.sqrt(self._variance * (before + after - 2.0 * r) * determinant)
        return Shift(cut, told / determinant, told / error)
