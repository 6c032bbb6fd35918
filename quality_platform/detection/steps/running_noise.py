"""How far a series strays about its levels, and how much of a value is left in the next one.

Does not belong here: where the levels change (`row_by_row.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quality_platform.detection.steps.cleaning import MEAN_TO_SIGMA, QUANTILE_TO_SIGMA

Floats = NDArray[np.float64]

# Deviations further out count as this many: of three outliers in a row no sum over four values or more reaches
# the limit of `online_steps`.
CLIP = 2.5
# Beyond this correlation a series wanders, and has no level to leave.
MAXIMUM_CORRELATION = 0.97
# What is supposed before anything is seen weighs as much as this many values.
PRIOR_WEIGHT = 4.0
# Values over which whitened noise is summed up, to see whether the sums scatter more than those of white noise.
SPANS = (6, 12, 24)
# Rare events lie closer to their level than the clip supposes; believing them would make any burst certain.
LEAST_VARIANCE = 0.75
# Quantiles of absolute deviations: of one standard deviation, and one that sees the rarer of two modes.
NEAR, FAR = 0.6827, 0.9
FEWEST = 8


class Noise(NamedTuple):
    """`scale` in the series' unit; `correlation` of neighbours; `variance` of whitened values, clipped and scaled."""

    scale: float
    correlation: float
    variance: float


def clipped(values: Floats, centre: float, scale: float, reach: float = CLIP) -> Floats:
    """Deviations from `centre` in units of `scale`, those beyond `reach` drawn in to it."""
    return np.clip((values - centre) / scale, -reach, reach)


def estimate(stretches: Sequence[Floats], least: float) -> Noise | None:
    """The noise about the medians of `stretches`, each of one level; None for fewer than 8 values in all.

    `least` is the smallest scale that is not a rounding error. The correlation is corrected for its bias after
    Marriott and Pope, Biometrika 41 (1954) 390.
    """
    residuals = [stretch - np.median(stretch) for stretch in stretches]
    n = sum(map(len, residuals))
    if n < FEWEST:
        return None
    scale = max(_scale(np.concatenate(residuals)), least)
    units = [unit - unit.mean() for unit in (clipped(one, 0.0, scale) for one in residuals)]
    correlation = _correlation(units, n)
    whitened = [one[1:] - correlation * one[:-1] for one in units]
    usual = 1.0 - correlation * correlation
    variance = (sum(float(one @ one) for one in whitened) + PRIOR_WEIGHT * usual) / (n + PRIOR_WEIGHT)
    variance = max(variance, LEAST_VARIANCE * usual)
    return Noise(scale, correlation, variance * _excess(whitened, variance))


def _scale(residuals: Floats) -> float:
    near, far = np.quantile(np.abs(residuals), (NEAR, FAR))
    return float(max(near, QUANTILE_TO_SIGMA * far) or MEAN_TO_SIGMA * np.abs(residuals).mean())


def _correlation(units: Sequence[Floats], n: int) -> float:
    power = sum(float(one @ one) for one in units)
    if power == 0.0:
        return 0.0
    lagged = sum(float(one[1:] @ one[:-1]) for one in units)
    unbiased = (lagged / power + len(units) / n) / (1.0 - 3.0 / n)
    return min(max(unbiased, 0.0), MAXIMUM_CORRELATION)


def _excess(whitened: Sequence[Floats], variance: float) -> float:
    """How much more sums of neighbours scatter than those of white noise, 1 at least: seasons, longer memories."""
    return max(1.0, *(_excess_over(span, whitened, variance) for span in SPANS))


def _excess_over(span: int, whitened: Sequence[Floats], variance: float) -> float:
    long = [np.concatenate(([0.0], np.cumsum(one))) for one in whitened if len(one) >= span]
    blocks = sum(len(one) - 1 for one in long) / span
    if blocks < 2.0:
        return 1.0
    sums = np.concatenate([one[span:] - one[:-span] for one in long])
    ratio = float(sums @ sums) / (len(sums) * span * variance)
    return (ratio * blocks + PRIOR_WEIGHT) / (blocks + PRIOR_WEIGHT)
