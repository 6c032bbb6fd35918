"""A pattern that comes again and again, taken out of a series so that what remains can be compared over time.

Belongs here: one season of unknown length, of a whole history. Does not belong here: what is unusual for an hour of
the week, told row by row, nor what happens to the level (`steps/`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHORTEST = 4
# Cycles that must lie in the series; with four, the two halves' profiles of a random walk agree too often.
CYCLES = 6
FEWEST = 60
# Differences one season apart must be this much smaller, as squares, than those of any shorter distance. White noise
# comes to 0.8 in the values, and 0.5 in their increments, which a rising level cannot hide the season of.
QUIET, QUIET_INCREMENTS = 0.5, 0.35
# A longer season must be this much quieter than a shorter one that divides it.
AS_QUIET = 1.3
# Correlation of the profiles of the first and second half: seasons come to 0.8 and more, noise and waves to 0.5.
COHERENT = 0.8


def without_season(values: Floats) -> Floats:
    """`values`, shape (n,), less the profile of the season that both halves share; as they are where there is none."""
    length = season_length(values)
    if length is None:
        return values
    detrended = values - _moving_average(values, length)
    half = len(values) // length // 2 * length
    first, second = _profile(detrended[:half], length), _profile(detrended[half:], length)
    spread = float(first.std() * second.std())
    if spread == 0.0 or float((first * second).mean()) < COHERENT * spread:
        return values
    return values - np.resize(_profile(detrended, length), len(values))


def season_length(values: Floats) -> int | None:
    """Rows after which `values`, or their increments, are most like themselves again; None where that stands out
    from no shorter distance."""
    if len(values) < FEWEST:
        return None
    found = [_quietest(values, QUIET), _quietest(np.diff(values), QUIET_INCREMENTS)]
    return min((one for one in found if one is not None), default=(0.0, None))[1]


def _quietest(values: Floats, limit: float) -> tuple[float, int] | None:
    """The dip of the structure function that lies deepest below what came before it: its depth and distance."""
    distances = mean_squared_differences(values, len(values) // CYCLES + 1)
    inner = distances[SHORTEST:-1]
    dips = SHORTEST + np.flatnonzero((inner <= distances[SHORTEST - 1 : -2]) & (inner <= distances[SHORTEST + 1 :]))
    highest = np.maximum.accumulate(distances)[dips]
    dips, highest = dips[highest > 0], highest[highest > 0]
    if not len(dips):
        return None
    depths = distances[dips] / highest
    first = int(np.argmax(depths <= AS_QUIET * max(depths.min(), 0.0)))
    return (float(depths[first]), int(dips[first])) if depths[first] < limit else None


def mean_squared_differences(values: Floats, furthest: int) -> Floats:
    """The structure function: mean of (v[i + k] - v[i]) squared for k of 0 to `furthest`, by Fourier transform."""
    n = len(values)
    centred = values - values.mean()
    lags = np.arange(furthest + 1)
    spectrum = np.fft.rfft(centred, 2 * n)
    products = np.fft.irfft(np.abs(spectrum) ** 2, 2 * n)[: furthest + 1]
    squares = np.concatenate(([0.0], np.cumsum(centred * centred)))
    found: Floats = (squares[n - lags] + squares[n] - squares[lags] - 2.0 * products) / (n - lags)
    return np.maximum(found, 0.0)


def _moving_average(values: Floats, length: int) -> Floats:
    """Over one season, the ends of an even one by half; continued at the ends of the series by its last values."""
    reach = length // 2
    weights = np.full(2 * reach + 1, 1.0 / length)
    if length % 2 == 0:
        weights[[0, -1]] /= 2
    average: Floats = np.convolve(np.pad(values, reach, mode="edge"), weights, "valid")
    return average


def _profile(detrended: Floats, length: int) -> Floats:
    """Median of every phase, about their mean; a step in between disturbs few of a phase's cycles."""
    cycles = -(-len(detrended) // length)
    table = np.full(cycles * length, np.nan)
    table[: len(detrended)] = detrended
    medians: Floats = np.nanmedian(table.reshape(cycles, length), axis=0)
    profile: Floats = medians - medians.mean()
    return profile
