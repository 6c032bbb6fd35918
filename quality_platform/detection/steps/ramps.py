"""Several steps that are one rise: people mark where it begins, and a level is what stays.

Does not belong here: whether a step is one at all (`significance.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Share of a stretch's variance that a straight line explains; below it the stretch has a level of its own.
STRAIGHT = 0.8


def rises_of(values: Floats, cuts: Sequence[int]) -> list[tuple[int, int]]:
    """Steps that belong together, as the positions in `cuts` of the first and the last; most are alone.

    A step goes with the one before it when the stretch between rises, or falls, from one to the other.
    """
    edges = [0, *cuts, len(values)]
    heights = np.diff([float(values[start:end].mean()) for start, end in pairwise(edges)])
    rises: list[tuple[int, int]] = []
    for place, height in enumerate(heights):
        goes_on = place and height * heights[place - 1] > 0
        if goes_on and _is_ramp(values[cuts[place - 1] : cuts[place]], height):
            rises[-1] = rises[-1][0], place
        else:
            rises.append((place, place))
    return rises


def _is_ramp(stretch: Floats, height: float) -> bool:
    places = np.arange(len(stretch)) - (len(stretch) - 1) / 2
    centred = stretch - stretch.mean()
    slope = float(places @ centred) / float(places @ places)
    explained = slope * slope * float(places @ places)
    return slope * height > 0 and explained > STRAIGHT * float(centred @ centred)
