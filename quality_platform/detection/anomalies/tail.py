"""How large an error is unusual for a series: the tail of its own errors, continued beyond what has been seen.

Peaks over a threshold follow a generalised Pareto distribution (Pickands, Ann. Statist. 3 (1975) 119); its parameters
are those that give the peaks' mean and variance (Hosking and Wallis, Technometrics 29 (1987) 339). To set a limit in a
stream by it is the idea of Siffer et al., KDD 2017, 1067. Does not belong here: the errors (`expectation.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The tail begins where two in a hundred errors lie beyond. With five the middle of the distribution bends it.
TAIL_FROM = 0.98
LEAST_PEAKS = 5
# Below it the power is an exponential, and its formula loses all digits.
FLAT = 1e-9
# A heavier tail has no variance to be fitted by.
HEAVIEST = 0.4
# What lies so many times further out than the middle of the distribution, continued as an exponential, lets expect
# of one in a thousand was itself unusual: incidents of the past must not make the next one ordinary.
OUTLYING, RARE = 2.0, 1e-3
MIDDLE_FROM, MIDDLE_TO = 0.80, 0.95
# Where the tail cannot be fitted, because next to nothing ever happened, so much above the largest error.
BEYOND = 1.5


@dataclass(frozen=True, slots=True)
class Tail:
    """The distribution beyond `start`, which a share of `share` exceeds; `shape` 0 is an exponential one."""

    start: float
    share: float
    scale: float
    shape: float

    def limit(self, p_value: float) -> float:
        """The size that a share of `p_value` exceeds."""
        if p_value >= self.share:
            return self.start
        rarer = p_value / self.share
        if self.shape < FLAT:
            return self.start - self.scale * math.log(rarer)
        return self.start + self.scale / self.shape * math.expm1(-self.shape * math.log(rarer))

    def p_value(self, size: float) -> float:
        """The share that exceeds `size`; 1 below the tail."""
        if size <= self.start:
            return 1.0
        if self.scale == 0:  # nothing like it among all there were
            return self.share
        beyond = (size - self.start) / self.scale
        left = math.exp(-beyond) if self.shape < FLAT else (1 + self.shape * beyond) ** (-1 / self.shape)
        return self.share * left


def tail_of(sizes: Floats) -> Tail:
    """The tail of `sizes` (shape (n,), n > 0, not negative)."""
    ordered = _usual(np.sort(sizes))
    start = _quantile(ordered, TAIL_FROM)
    peaks = ordered[np.searchsorted(ordered, start, "right") :] - start
    mean = float(peaks.mean()) if len(peaks) else 0.0
    if len(peaks) < LEAST_PEAKS or mean == 0:
        return Tail(BEYOND * float(ordered[-1]), 1 / len(ordered), 0.0, 0.0)
    variance = float(peaks.var())
    shape = min(max(0.5 * (1 - mean * mean / variance), 0.0), HEAVIEST) if variance > 0 else 0.0
    return Tail(start, len(peaks) / len(ordered), mean * (1 - shape), shape)


def _usual(ordered: Floats) -> Floats:
    """`ordered`, ascending, without what is far beyond its middle."""
    start, end = _quantile(ordered, MIDDLE_FROM), _quantile(ordered, MIDDLE_TO)
    scale = (end - start) / math.log((1 - MIDDLE_FROM) / (1 - MIDDLE_TO))
    if scale == 0:
        return ordered
    furthest = start + OUTLYING * scale * math.log((1 - MIDDLE_FROM) / RARE)
    return ordered[: np.searchsorted(ordered, furthest, "right")]


def _quantile(ordered: Floats, share: float) -> float:
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (place - low) * (ordered[high] - ordered[low]))
