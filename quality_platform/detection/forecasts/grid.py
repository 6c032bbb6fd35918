"""A series at a steady pace, as forecasts need it: one value a cell, however the observations came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quality_platform.detection.blocks import medians
from quality_platform.detection.scaling import usable

Floats = NDArray[np.float64]

# What a model is fitted to: more cells cost time and tell little more of weeks to come.
MOST_CELLS = 400


@dataclass(frozen=True, slots=True)
class Grid:
    """Values, shape (n,), of equal cells; the last cell ends with the last observation.

    `width` is a cell's length and `end` the instant of the last observation, both in seconds.
    """

    values: Floats
    width: float
    end: float


def steady(times: Floats, values: Floats) -> Grid | None:
    """`values` at `times` (both float64, shape (n,), in seconds) in at most 400 cells; None without two instants.

    A cell is as long as observations mostly lie apart, and holds their median; an empty one what was known last.
    Values that are not finite, or 1e200 and more, are left out.
    """
    kept = usable(values)
    seconds, levels = times[kept], values[kept]
    if len(seconds) < 2 or seconds[0] >= seconds[-1]:
        return None
    span = float(seconds[-1] - seconds[0])
    apart = np.diff(seconds)
    width = max(float(np.median(apart[apart > 0])), span / (MOST_CELLS - 1))
    cells = np.floor((seconds[-1] - seconds) / width + 0.5).astype(np.intp)
    return Grid(_filled(cells[0] - cells, levels), width, float(seconds[-1]))


def _filled(cells: NDArray[np.intp], levels: Floats) -> Floats:
    """The median of each cell; `cells`, ascending from 0, say where each of `levels` lies."""
    taken, groups = np.unique(cells, return_inverse=True)
    last = np.searchsorted(taken, np.arange(taken[-1] + 1), side="right") - 1
    filled: Floats = medians(groups, levels)[last]
    return filled
