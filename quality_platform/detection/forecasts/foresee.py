"""A forecast in the form of all other findings: one for each instant ahead, as `detect` writes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quality_platform.detection.forecasts.bounds import COVERAGE
from quality_platform.detection.forecasts.forecast import forecast
from quality_platform.detection.report import Detection
from quality_platform.detection.scaling import usable

Floats = NDArray[np.float64]


def foresee(times: Floats, values: Floats) -> tuple[Detection, ...]:
    """What is expected of `values` at `times` (both float64, shape (n,), in order), reported with the last row.

    `index` is the row, n or later, at the usual pace; `effect` the difference to the last value, `score` half the
    width of the interval of 90%, `p_value` the chance to lie outside.
    """
    found = forecast(times, values)
    if found is None:
        return ()
    pace = float(np.median(np.diff(times)[np.diff(times) > 0]))
    rows = len(values) - 1 + np.maximum(np.round((found.times - times[-1]) / pace), 1).astype(int)
    effects = found.middle - values[usable(values)][-1]
    halves = (found.upper - found.lower) / 2
    return tuple(
        Detection(row, len(values) - 1, "forecast", "down" if effect < 0 else "up", effect, 1.0 - COVERAGE, half)
        for row, effect, half in zip(rows.tolist(), effects.tolist(), halves.tolist(), strict=True)
    )
