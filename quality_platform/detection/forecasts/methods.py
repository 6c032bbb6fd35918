"""Simple forecasts, made from every place of a series at once, so that each can be tried on the series' own past.

The last value, the mean, the level (exponential smoothing), the level with half of the slope so far (theta:
Assimakopoulos and Nikolopoulos, Int. J. Forecasting 16 (2000) 521, in the form of Hyndman and Billah, ibid. 19 (2003)
287), and the line of least squares. Of a series with a season the same for what remains beyond the median of
its last three cycles. The smoothing parameter is statsmodels' fit.

Belongs here: what is expected. Does not belong here: which of them to believe, and how far (`forecast.py`).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CYCLES = 3


@dataclass(frozen=True, slots=True)
class Made:
    """Forecasts of one method: row t, column j is what the values up to t let expect `ahead[j]` cells later.

    NaN where the past is too short.
    """

    name: str
    values: Floats


def forecasts(values: Floats, ahead: NDArray[np.intp], season: int | None) -> list[Made]:
    """What each method makes of `values`, shape (n,), n ≥ 10, finite; `season` is its length in cells. The simplest
    method first."""
    plain = _of_levels("", values, ahead, np.zeros((len(values), len(ahead))))
    if season is None:
        return plain
    past = seasonal(values, ahead, season)
    one_ahead = seasonal(values, np.array([1]), season)[:-1, 0]
    remains = np.append(np.nan, values[1:] - one_ahead)
    return [*plain, Made("seasonal", past), *_of_levels("seasonal ", remains, ahead, past)]


def _of_levels(prefix: str, values: Floats, ahead: NDArray[np.intp], base: Floats) -> list[Made]:
    """Last value, mean, level, theta and line of `values`, each added to `base`; `values` may begin with NaN."""
    known = int(np.argmax(~np.isnan(values)))
    alpha = smoothing(values[known:])
    level, slope = _levels(values[known:], alpha), _slopes(values[known:])
    counts = np.arange(1, len(level) + 1)[:, None]
    drift = 0.5 * slope[:, None] * (ahead - 1 + (1 - (1 - alpha) ** counts) / alpha)
    flat = np.zeros(len(ahead))
    mean = np.cumsum(values[known:])[:, None] / counts
    last, smoothed = values[known:, None], level[:, None]
    line = mean + slope[:, None] * ((counts - 1) / 2 + ahead)
    made = {"last": last + flat, "mean": mean + flat, "level": smoothed + flat, "theta": smoothed + drift, "line": line}
    unknown = np.full((known, len(ahead)), np.nan)
    return [Made(prefix + name, np.concatenate((unknown, each)) + base) for name, each in made.items()]


def smoothing(values: Floats) -> float:
    """The parameter of simple exponential smoothing, 0 < alpha ≤ 1, by statsmodels."""
    from statsmodels.tsa.holtwinters import SimpleExpSmoothing

    if np.ptp(values) == 0.0:
        return 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that has not converged is tried on the past like any other
        found = SimpleExpSmoothing((values - values.mean()) / np.ptp(values), initialization_method="estimated").fit()
    alpha = float(found.params["smoothing_level"])
    return min(max(alpha, 0.01), 1.0) if np.isfinite(alpha) else 1.0


def _levels(values: Floats, alpha: float) -> Floats:
    """Smoothed value after each of `values`."""
    from scipy.signal import lfilter  # 0.6 s, which only who forecasts is to pay

    smoothed: Floats = lfilter([alpha], [1.0, alpha - 1.0], values, zi=[(1.0 - alpha) * values[0]])[0]
    return smoothed


def _slopes(values: Floats) -> Floats:
    """Least-squares slope a cell of the values up to each; 0 of the first."""
    places, centred = np.arange(len(values), dtype=np.float64), values - values.mean()
    counts = places + 1
    sums, moments = np.cumsum(centred), np.cumsum(places * centred)
    around = moments - places / 2 * sums
    slopes: Floats = np.divide(
        12 * around, counts * (counts**2 - 1), out=np.zeros(len(values)), where=counts > 1
    )  # fmt: skip
    return slopes


def seasonal(values: Floats, ahead: NDArray[np.intp], season: int) -> Floats:
    """Median at the same place of the last three cycles known at t, shape (n, len(ahead)); NaN where none is."""
    back = season * -(-ahead // season)
    places = np.arange(len(values))[:, None, None] + (ahead - back)[:, None] - season * np.arange(CYCLES)
    found = np.where(places >= 0, values[np.maximum(places, 0)], np.nan)
    there = places[..., 0] >= 0
    median = np.full(there.shape, np.nan)
    median[there] = np.nanmedian(found[there], axis=1)
    return median
