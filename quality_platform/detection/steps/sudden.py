"""A sudden step in noise with a memory, which levels alone cannot tell from wandering.

Belongs here: the largest shift near a cut, by the statistic that on-line detection uses. Does not belong here: which
cuts to ask about (`segmentation.py`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quality_platform.detection.steps.level_shift import LevelShift

Floats = NDArray[np.float64]

# With less memory than this the levels tell all there is.
LEAST_MEMORY = 0.3
# Rows on each side; among fewer, an outlier burst of three has the height of a step.
FEWEST = 12
# A cut of the segmentation, which knows of no memory, may lie this far off.
REACH = 15


# Twice the logarithm of how many times likelier another place must be before it is believed: twenty times.
LIKELIER = 6.0


class Sudden(NamedTuple):
    """The place of a shift, its size in standard errors, and the p-value of the largest of all that were tried."""

    cut: int
    statistic: float
    p_value: float


def sudden_near(values: Floats, start: int, cut: int, end: int, memory: float) -> Sudden | None:
    """The largest shift near `cut` between the stretches [start, cut) and [cut, end), or the one at `cut` if that is
    about as likely.

    None where the correlation `memory` of neighbours is small or a stretch short.
    """
    if memory < LEAST_MEMORY or min(cut - start, end - cut) < FEWEST:
        return None
    stretch, inner = values[start:end], cut - start
    sums = LevelShift(stretch, memory, _whitened_variance(stretch, inner, memory))
    near = range(max(inner - REACH, FEWEST), min(inner + REACH, len(stretch) - FEWEST) + 1)
    best, given = max(map(sums.at, near), key=lambda shift: abs(shift.statistic)), sums.at(inner)
    if best.statistic**2 - given.statistic**2 < LIKELIER:
        best = given
    p_value = min(1.0, (2 * REACH + 1) * math.erfc(abs(best.statistic) / math.sqrt(2)))
    return Sudden(start + best.cut, best.statistic, p_value)


def _whitened_variance(stretch: Floats, inner: int, memory: float) -> float:
    residuals = np.concatenate([side - side.mean() for side in (stretch[:inner], stretch[inner:])])
    whitened = residuals[1:] - memory * residuals[:-1]
    return float(whitened @ whitened) / (len(stretch) - 3)
