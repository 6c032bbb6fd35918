"""Cutting a series into stretches of one level each: seeded candidates, then the best choice among them.

Does not belong here: whether a cut means anything (`significance.py`).
Sources: seeded intervals, Kovacs, Buehlmann, Li and Munk, Biometrika 110 (2023) 249; optimal partitioning,
Jackson et al., IEEE Signal Processing Letters 12 (2005) 105.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def segment(values: Floats, *, penalty: float, minimum_segment: int) -> list[int]:
    """First indices of the second and later segments of `values`, shape (n,), scaled to unit noise.

    Minimises the squared deviations from the segments' means plus `penalty` for every cut. The exact search
    takes n squared steps; looking for cuts in seeded intervals first takes n log n.
    """
    sums = np.concatenate(([0.0], np.cumsum(values)))
    # A cut's gain shrinks when its interval is not the ideal one, hence a quarter of the penalty.
    found = _candidates(sums, minimum_segment, penalty / 4)
    if not len(found):
        return []
    points = np.concatenate(([0], found, [len(values)]))
    squares = np.concatenate(([0.0], np.cumsum(values * values)))
    return _best(points, sums[points], squares[points], penalty, minimum_segment)


def _candidates(sums: Floats, minimum: int, floor: float) -> Indices:
    """The best cut of every seeded interval, where it gains more than `floor`; sorted, without repeats."""
    n = len(sums) - 1
    found = [np.empty(0, dtype=np.int64)]
    length = float(n)
    while length >= 2 * minimum:
        found.append(_layer(sums, math.ceil(length), minimum, floor))
        length /= math.sqrt(2)
    return np.unique(np.concatenate(found))


def _layer(sums: Floats, length: int, minimum: int, floor: float) -> Indices:
    """Best cuts of the intervals of one length, which overlap by about a half."""
    n = len(sums) - 1
    starts = np.unique(np.linspace(0, n - length, 2 * math.ceil(n / length) - 1).astype(np.int64))
    left = np.arange(minimum, length - minimum + 1)
    inside = sums[starts[:, None] + left] - sums[starts][:, None]
    total = (sums[starts + length] - sums[starts])[:, None]
    gains = (inside - total * (left / length)) ** 2 * (length / (left * (length - left)))
    best = gains.argmax(axis=1)
    worth: Indices = (starts + left[best])[gains[np.arange(len(starts)), best] > floor]
    return worth


def _best(points: Indices, sums: Floats, squares: Floats, penalty: float, minimum: int) -> list[int]:
    """The optimal choice of cuts among `points`, whose first and last are the ends."""
    costs = np.full(len(points), np.inf)
    costs[0] = 0.0
    previous = np.zeros(len(points), dtype=np.int64)
    for at in range(1, len(points)):
        to = int(np.searchsorted(points, points[at] - minimum, side="right"))
        if to:
            deviations = squares[at] - squares[:to] - (sums[at] - sums[:to]) ** 2 / (points[at] - points[:to])
            options = costs[:to] + deviations + penalty
            previous[at] = options.argmin()
            costs[at] = options[previous[at]]
    cuts = []
    at = int(previous[-1])
    while at:
        cuts.append(int(points[at]))
        at = int(previous[at])
    return cuts[::-1]
