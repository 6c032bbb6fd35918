"""Whether two series rise and fall together: Spearman's correlation, with a p-value that knows of their memory.

Does not belong here: what it says about cause (nothing), what it is used for (`slow_time.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from quality_platform.detection.autocorrelation import rank_autocorrelation

Floats = NDArray[np.float64]

# Pairs that it takes to say anything.
FEWEST = 12
# Lags whose correlations count, as a share of the length: those beyond are mostly noise (Pyper and Peterman).
LAGS = 1 / 5


@dataclass(frozen=True, slots=True)
class Correlation:
    """Spearman's rho of `pairs` pairs, and how often unrelated series with the same memory would be as far from 0."""

    rho: float
    p_value: float
    pairs: int


def rank_correlation(one: Floats, other: Floats) -> Correlation | None:
    """Spearman's correlation of two series (float64, shape (n,), in order of time); pairs with a NaN are left out.

    None where fewer than 12 pairs remain or a series is constant. Series with a memory agree by chance more often than
    independent values would: the p-value is Student's with the number of independent pairs after Pyper and Peterman
    (Can. J. Fish. Aquat. Sci. 55 (1998) 2127), 1/N* = 1/N + 2/N sum_j (N - j)/N r1(j) r2(j), N* no larger than N.
    """
    known = np.isfinite(one) & np.isfinite(other)
    first, second = one[known], other[known]
    n = len(first)
    if n < FEWEST or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    rho = float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])
    freedom = _independent(first, second) - 2
    if freedom <= 0:
        return Correlation(rho, 1.0, n)
    statistic = math.sqrt(freedom) * abs(rho) / math.sqrt(max(1 - rho * rho, 1e-300))
    return Correlation(rho, float(2 * stdtr(freedom, -statistic)), n)


def _independent(first: Floats, second: Floats) -> float:
    n = len(first)
    lags = np.arange(1, max(int(n * LAGS), 1) + 1)
    product = (rank_autocorrelation(first) * rank_autocorrelation(second))[: len(lags)]
    return n / max(1 + 2 * float(((n - lags) / n * product).sum()), 1.0)


def _ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    found: Floats = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    return found
