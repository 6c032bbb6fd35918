"""How far from a forecast what comes will lie, by the errors that its method has made on the series' own past.

No model's bounds: of the errors made as far ahead nine of ten lay within (split conformal prediction). Errors far ahead
overlap, so that hundreds of them may tell no more than three; where they tell less than ten, nine of ten cannot be
counted, and Student's distribution about their mean square takes the place of the count.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]

COVERAGE = 0.9
COUNTABLE = 10


def widening(errors: Floats) -> Floats:
    """The distance from the middle, of shape (steps,), never less than at a shorter distance.

    `errors` has shape (m, steps): what came less what was expected, in the order of time; NaN where neither is known.
    """
    found: Floats = np.maximum.accumulate([_reach(column[~np.isnan(column)]) for column in errors.T])
    return found


def _reach(errors: Floats) -> float:
    sizes, independent = np.abs(errors), independent_ones(errors)
    if independent < COUNTABLE:
        return float(stdtrit(independent, (1 + COVERAGE) / 2) * math.sqrt(float((errors * errors).mean())))
    # the size that the next one stays below with this probability, if it is one like these
    share = min((independent + 1) * COVERAGE / independent, 1.0)
    return float(np.quantile(sizes, share, method="higher"))


def independent_ones(errors: Floats) -> float:
    """How many independent errors tell as much as these (shape (m,), m > 0), by their correlation about zero up to the
    first distance at which there is none (initial positive sequence: Geyer, Statist. Sci. 7 (1992) 473); 1 at least."""
    n = len(errors)
    power = np.abs(np.fft.rfft(errors, 2 * n)) ** 2
    products = np.fft.irfft(power, 2 * n)[:n]
    if products[0] <= 0.0:
        return float(n)
    correlations = products[1:] / products[0]
    none = np.flatnonzero(correlations <= 0.0)
    counted = correlations[: none[0]] if len(none) else correlations
    return max(n / (1.0 + 2.0 * float(counted.sum())), 1.0)
