"""The forecast of one series: by the method that has done best on its own past, within bounds that held there.

Does not belong here: the methods (`methods.py`), the bounds (`bounds.py`), thresholds (`crossing.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quality_platform.detection.forecasts.bounds import widening
from quality_platform.detection.forecasts.grid import steady
from quality_platform.detection.forecasts.methods import Made, forecasts
from quality_platform.detection.scaling import to_unit
from quality_platform.detection.season import season_length

Floats = NDArray[np.float64]

# A quarter of what has been seen is foretold, in twelve steps; with less than 24 cells there is nothing to try it on.
SHORTEST = 24
SEEN_PER_FORETOLD = 4
STEPS = 12
# A method must make errors this much smaller than a simpler one to be believed instead of it.
MUCH_BETTER = 0.9


@dataclass(frozen=True, slots=True)
class Forecast:
    """Instants ahead in seconds, and of each what is expected and the bounds of 90%; all of shape (steps,).

    `error` is the mean absolute error that `method` has made on the series' past, over all steps.
    """

    times: Floats
    middle: Floats
    lower: Floats
    upper: Floats
    method: str
    error: float


def forecast(times: Floats, values: Floats) -> Forecast | None:
    """What is expected of `values` at `times` (both float64, shape (n,), times in seconds and in order).

    None where the series has less than 24 cells of its own pace. Bounds do not fall below 0 where no value has.
    """
    grid = steady(times, values)
    if grid is None or len(grid.values) < SHORTEST:
        return None
    ahead = _ahead(len(grid.values))
    unit, exponent = to_unit(grid.values)
    made = forecasts(unit, ahead, season_length(unit))
    errors = [_errors(each, unit, ahead) for each in made]
    best = _best(errors)
    middle, reach = made[best].values[-1], widening(errors[best])
    found = _bounded(middle, reach, floor=0.0 if unit.min() >= 0.0 else -math.inf)
    middle, lower, upper = (np.ldexp(each, exponent).astype(np.float64) for each in found)
    error = math.ldexp(_mean(errors[best]), exponent)
    times = np.asarray(grid.end + grid.width * ahead, dtype=np.float64)
    return Forecast(times, middle, lower, upper, made[best].name, error)


def _ahead(cells: int) -> NDArray[np.intp]:
    """Cells ahead that are foretold."""
    furthest = cells // SEEN_PER_FORETOLD
    return np.unique(np.linspace(1, furthest, min(STEPS, furthest)).round().astype(np.intp))


def _errors(made: Made, values: Floats, ahead: NDArray[np.intp]) -> Floats:
    """What came less what was expected, of the forecasts from the second half of the series: shape (n // 2, steps);
    NaN where nothing has come yet or nothing was expected."""
    half = len(values) // 2
    places = np.arange(half, len(values))[:, None] + ahead
    came = np.where(places < len(values), values[np.minimum(places, len(values) - 1)], np.nan)
    errors: Floats = came - made.values[half:]
    return errors


def _best(errors: Sequence[Floats]) -> int:
    """The first method that no later one is much better than; one that could not be tried is none."""
    means = [_mean(each) for each in errors]
    best = 0
    for index, mean in enumerate(means):
        if mean < MUCH_BETTER * means[best]:
            best = index
    return best


def _mean(errors: Floats) -> float:
    """Mean size over all steps, each counting alike; inf where a step could not be tried."""
    tried = ~np.isnan(errors)
    if not tried.any(axis=0).all():
        return math.inf
    sizes = np.where(tried, np.abs(errors), 0.0).sum(axis=0) / tried.sum(axis=0)
    return float(sizes.mean())


def _bounded(middle: Floats, reach: Floats, floor: float) -> tuple[Floats, Floats, Floats]:
    return np.maximum(middle, floor), np.maximum(middle - reach, floor), np.maximum(middle + reach, floor)
