"""Where a series begins to rise, to fall or to stay: steps in its increments.

A walk's increments are white and a level's are noise about zero, so neither bends. Does not belong here: steps of the
level itself (`history.py`), and how sure a slope is (`trends/line.py`).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from quality_platform.detection.scaling import usable
from quality_platform.detection.season import without_season
from quality_platform.detection.steps.history import Change, find_changes

# Increments on each side of a bend. Runs of one commit have been seen to rise and fall within seven.
SHORTEST_SLOPE = 10


def find_bends(values: ArrayLike) -> tuple[Change, ...]:
    """The bends of `values` (float64, shape (n,), in order of time), in that order.

    `before`, `after` and `effect` are slopes, in the series' unit a row. Values that are not finite, or 1e200 and
    more, are left out.
    """
    given = np.asarray(values, dtype=np.float64)
    rows = np.flatnonzero(usable(given))
    if len(rows) < 2 * SHORTEST_SLOPE:
        return ()
    increments = np.diff(without_season(given[rows]))
    found = find_changes(increments, minimum_effect_percent=0.0, minimum_segment=SHORTEST_SLOPE, has_noise=False)
    return tuple(dataclasses.replace(one, index=int(rows[one.index + 1])) for one in found)
