"""When what is expected goes beyond a threshold: by a forecast and its bounds, or by a line and its slope's interval.

Many series at once. Does not belong here: whether it is beyond now (rules judge that).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def first_beyond(times: Floats, values: Floats, threshold: Floats, sign: Floats) -> Floats:
    """Instant at which each row of `values` first reaches its threshold, by straight lines between the columns.

    `times` and `values` have shape (m, k), `threshold` and `sign` (m,): 1 where above is beyond, -1 where below is.
    Shape (m,); NaN where it never does, the first instant where it does from the beginning.
    """
    short = sign[:, None] * (threshold[:, None] - values)
    reached = short <= 0.0
    rows, first = np.arange(len(values)), reached.argmax(axis=1)
    before = np.maximum(first - 1, 0)
    left, right = short[rows, before], short[rows, first]
    part = np.divide(left, left - right, out=np.zeros(len(values)), where=left > right)
    found = times[rows, before] + part * (times[rows, first] - times[rows, before])
    return np.where(reached.any(axis=1), np.where(first > 0, found, times[rows, first]), np.nan)


def line_beyond(now: Floats, level: Floats, slope: Floats, threshold: Floats, sign: Floats) -> Floats:
    """Instant at which a line that is at `level` at the instant `now` and rises by `slope` a second reaches the
    threshold; all of shape (m,). NaN where it goes the other way, or is beyond already."""
    short, towards = sign * (threshold - level), sign * slope
    ahead = np.divide(short, towards, out=np.full(len(now), np.nan), where=(short > 0.0) & (towards > 0.0))
    found: Floats = now + ahead
    return found
