"""What the past of a series lets expect of its next row: several simple forecasts, of which the best so far counts.

The last value, the median of five, the median of a day (100 rows at most), the median at the same time of the five days
before, and of the three weeks before. Which one a series follows is learnt from their errors: a series with a season is
judged by its season, one that wanders by where it stood.

Belongs here: forecasts and their errors. Does not belong here: whether an error is unusual (`tail.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from quality_platform.detection.anomalies.ring import Ring

Floats = NDArray[np.float64]

FEW, MANY = 5, 100
DAYS, WEEKS = 5, 3
# A season is looked for where it has so many rows at least, and the past that it needs fits.
SHORTEST_SEASON = 4
MOST_PAST = 7_200
# Errors count half after so many rows. Their square roots are averaged, so that one outlier decides nothing.
HALF_LIFE = 500.0
DECAY = 0.5 ** (1.0 / HALF_LIFE)
# After so many rows the forecast is chosen anew.
CHOSEN_EVERY = 25
# Rows that a forecast must have been tried on.
LEAST_TRIED = 30


class Expectation:
    """The forecasts of one series with `rows_per_day`, and how each has done."""

    def __init__(self, rows_per_day: float) -> None:
        self._rows_per_day = rows_per_day
        self._level = int(min(max(rows_per_day, 12), MANY))
        self._seasons = _seasons(rows_per_day)
        reach = [self._level, *(period * times for period, times in self._seasons)]
        self._past = Ring(max(reach))
        forecasts = 3 + len(self._seasons)
        self._costs = [0.0] * forecasts
        self._weights = [0.0] * forecasts
        self._tried = [0] * forecasts
        self._chosen: int | None = None
        self._taken = 0

    def errors(self, values: Floats) -> Floats:
        """`values` (shape (n,), finite) less what was expected of each; NaN where nothing was. Learns from them.

        Every 25 rows the forecast with the smallest mean error so far is chosen, the first of several.
        """
        misses = values - self._forecasts(values)
        self._past.extend(values)
        first = -self._taken % CHOSEN_EVERY
        self._taken += len(values)
        means = np.array([self._learn(place, errors, first) for place, errors in enumerate(misses)])
        found = np.full(len(values), np.nan)
        starts = range(first, len(values), CHOSEN_EVERY)
        for start, end, choices in zip((0, *starts), (*starts, len(values)), (None, *means.T), strict=True):
            if choices is not None:
                self._chosen = int(choices.argmin()) if choices.min() < math.inf else None
            if self._chosen is not None:
                found[start:end] = misses[self._chosen, start:end]
        return found

    def _learn(self, place: int, errors: Floats, first: int) -> list[float]:
        """Take a forecast's errors; its mean error before the rows `first`, `first` + 25, …; inf where it was tried on
        too few."""
        there = ~np.isnan(errors)
        costs = _decayed(self._costs[place], np.sqrt(np.abs(errors[there])))
        weights = _decayed(self._weights[place], np.ones(int(there.sum())))
        known = np.concatenate(([0], np.cumsum(there)))[first : len(errors) : CHOSEN_EVERY]
        before = self._tried[place]
        means = [costs[at] / weights[at] if before + at >= LEAST_TRIED else math.inf for at in known.tolist()]
        self._costs[place], self._weights[place], self._tried[place] = costs[-1], weights[-1], before + len(costs) - 1
        return means

    def _forecasts(self, values: Floats) -> Floats:
        """Shape (forecasts, n); NaN where the past is too short."""
        past = self._past.values()
        whole, start = np.concatenate((past, values[:-1])), len(past)
        made = [_median_of(whole, start, len(values), width) for width in (1, FEW, self._level)]
        made += [_at_same_time(whole, start, len(values), *season) for season in self._seasons]
        return np.array(made)

    def state(self) -> dict[str, Any]:
        """All of it, as JSON can hold it: the past dominates, 7,200 values at most."""
        return {
            "rows_per_day": self._rows_per_day, "past": self._past.state(), "costs": self._costs[:],
            "weights": self._weights[:], "tried": self._tried[:], "chosen": self._chosen, "taken": self._taken,
        }  # fmt: skip

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The one with that `state()`."""
        found = cls(state["rows_per_day"])
        found._past = Ring.from_state(state["past"])
        found._costs, found._weights, found._tried = (list(state[name]) for name in ("costs", "weights", "tried"))
        found._chosen, found._taken = state["chosen"], state["taken"]
        return found


def _decayed(before: float, added: Floats) -> list[float]:
    """`before`, and the sums after each of `added`, in which what is older counts less. Alike for any pieces."""
    if len(added) > FEW:
        from scipy.signal import lfilter  # 0.6 s, which `detect --task steps` is not to pay

        later: list[float] = lfilter([1.0], [1.0, -DECAY], added, zi=[DECAY * before])[0].tolist()
        return [before, *later]
    sums = [before]
    for one in added.tolist():
        sums.append(DECAY * sums[-1] + one)
    return sums


def _seasons(rows_per_day: float) -> list[tuple[int, int]]:
    """Period in rows, and how many of them are looked at: the day and the week, where they are told by rows."""
    wanted = ((round(rows_per_day), DAYS), (round(7 * rows_per_day), WEEKS))
    return [(period, times) for period, times in wanted if period >= SHORTEST_SEASON and period * times <= MOST_PAST]


def _median_of(whole: Floats, start: int, count: int, width: int) -> Floats:
    """Median of the `width` values before each of `count` places of `whole` from `start` on."""
    short = max(width - start, 0)
    padded = np.concatenate((np.full(short, np.nan), whole))
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)[start + short - width :][:count]
    medians: Floats = np.median(windows, axis=1)
    return medians


def _at_same_time(whole: Floats, start: int, count: int, period: int, times: int) -> Floats:
    """Median of the values 1, 2, … `times` periods before each place; of as many as there are."""
    places = start + np.arange(count)[:, None] - period * np.arange(1, times + 1)
    found = np.where(places >= 0, whole[np.maximum(places, 0)], np.nan)
    found.sort(axis=1)  # what is missing goes to the end
    there = (places >= 0).sum(axis=1)
    rows, middle = np.arange(count), np.maximum(there - 1, 0)
    low, high = found[rows, middle // 2], found[rows, (middle + 1) // 2]
    median: Floats = np.where(there > 0, low + (high - low) / 2, np.nan)
    return median
