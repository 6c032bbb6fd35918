"""Slow trends, told as rows come in: the newest hundred rise or fall together. A whole history gives the same.

Each row moves a window of 100 rows on. Kendall's score of the window is kept up to date; only where it would be
significant if the rows were independent, the whole test follows: the variance of the score corrected for
autocorrelation (Hamed and Rao 1998, see `autocorrelation.py`), Sen's slope, and whether the window is better told as
two levels. Belongs here: a trend as it begins. Does not belong here: how a series has moved over all of a window that
is given (`line.py`), sudden changes (`steps/row_by_row.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from quality_platform.detection.autocorrelation import variance_inflation
from quality_platform.detection.report import Detection
from quality_platform.detection.scaling import usable
from quality_platform.detection.trends.kendall import moved_on, rolling_scores, score
from quality_platform.detection.trends.line import score_variance

Floats = NDArray[np.float64]

WIDTH = 100
# Two-sided levels at which a trend is told, and above which it has ended and may be told again; in deviations.
TOLD, TOLD_SIGMA = 0.001, 3.2905
ENDED_SIGMA = 1.96
# A drift over the window smaller than the scatter about its line is none that a person would see.
LEAST_DEVIATIONS = 1.0
# Two levels must leave less than this share of what the line leaves, to be what the window is better told as. With 1
# the beginning of a slope counts as a step, and half of the slow trends are told 30 rows later.
LEVELS_SHARE = 0.8
SHORTEST_LEVEL = 5
# Before a trend's beginning nothing is known of it, and after it there must be something to see.
SHORTEST_TREND = 10
MEDIAN_TO_SIGMA = 1.4826
_TIMES = np.arange(WIDTH, dtype=np.float64)
_INDEPENDENT = math.sqrt(WIDTH * (WIDTH - 1) * (2 * WIDTH + 5) / 18)
_EARLIER, _LATER = np.triu_indices(WIDTH, 1)


class OnlineTrends:
    """The detector of one series. Its state is a hundred values and their rows: 4 kB."""

    def __init__(self) -> None:
        self._row = 0
        self._rows: list[int] = []
        self._values: list[float] = []
        self._score = 0
        self._told = 0

    def update(self, time: float, value: float) -> Detection | None:
        """Take the next row; what is to be said of it. Rows count, not instants; what is no number is left out."""
        del time
        row, self._row = self._row, self._row + 1
        if not usable(np.array([value]))[0]:
            return None
        full = len(self._values) == WIDTH
        if full:
            self._score = moved_on(self._score, np.array(self._values), value)
            del self._values[0], self._rows[0]
        self._values.append(value)
        self._rows.append(row)
        if len(self._values) < WIDTH:
            return None
        if not full:
            self._score = score(np.array(self._values))
        return self._judged()

    def _judged(self) -> Detection | None:
        self._told, asked = _asked(self._told, self._score)
        found = _judge(np.array(self._values), self._rows, self._score) if asked else None
        if found is not None:
            self._told = _sign(self._score)
        return found

    def state(self) -> dict[str, Any]:
        """All it has to remember, as JSON can hold it."""
        return {"row": self._row, "rows": self._rows[:], "values": self._values[:], "score": self._score,
                "told": self._told}  # fmt: skip

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The detector with that `state()`."""
        found = cls()
        found._row, found._score, found._told = state["row"], state["score"], state["told"]
        found._rows, found._values = list(state["rows"]), list(state["values"])
        return found


def find_drifts(times: Floats, values: Floats) -> tuple[Detection, ...]:
    """The trends of a whole history (float64, shape (n,), in the order of arrival), as they would have been told."""
    del times
    return _followed(values)[0]


def lasting_drift(values: Floats) -> Detection | None:
    """The trend that was told last and has not ended with the last of `values`."""
    found, told = _followed(values)
    return found[-1] if told else None


def _followed(values: Floats) -> tuple[tuple[Detection, ...], int]:
    """What was told, and which way goes what lasts at the end (0: none)."""
    rows = np.flatnonzero(usable(values))
    kept = values[rows]
    found, told = [], 0
    scores = rolling_scores(kept, WIDTH)
    # between windows that may be told and those that may end what was told nothing happens
    for at in np.flatnonzero((np.abs(scores) >= TOLD_SIGMA * _INDEPENDENT) | _ends(scores)).tolist():
        told, asked = _asked(told, int(scores[at]))
        window = slice(at, at + WIDTH)
        one = _judge(kept[window], rows[window].tolist(), int(scores[at])) if asked else None
        if one is not None:
            told = _sign(int(scores[at]))
            found.append(one)
    return tuple(found), told


def _ends(scores: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Windows at which a trend that was told may end: those without a trend, or with another than the one before."""
    calm: NDArray[np.bool_] = np.abs(scores) < ENDED_SIGMA * _INDEPENDENT
    turned = np.append(False, np.sign(scores[1:]) != np.sign(scores[:-1]))[: len(scores)]
    ends: NDArray[np.bool_] = calm | turned
    return ends


def _asked(told: int, score_now: int) -> tuple[int, bool]:
    """Which way the trend goes that has been told and lasts (0: none), and whether another may be told."""
    lasts = told != 0 and _sign(score_now) == told and abs(score_now) >= ENDED_SIGMA * _INDEPENDENT
    told = told if lasts else 0
    return told, told == 0 and abs(score_now) >= TOLD_SIGMA * _INDEPENDENT


def _judge(window: Floats, rows: list[int], score_now: int) -> Detection | None:
    """What is to be said of a window whose score may be significant."""
    slopes = (window[_LATER] - window[_EARLIER]) / (_LATER - _EARLIER)
    slope = float(np.median(slopes))
    # rounded, because the rounding errors of an exact line are correlated
    residuals: Floats = np.round((window - slope * _TIMES) / (float(np.abs(window).max()) or 1.0), 12)
    variance = score_variance(_TIMES, window) * variance_inflation(residuals)
    deviations = (abs(score_now) - 1) / math.sqrt(variance) if variance > 0 else 0.0
    p_value = math.erfc(deviations / math.sqrt(2))
    if p_value > TOLD or _is_small(window, slope) or _is_levels(window, slope):
        return None
    return Detection(
        index=rows[_beginning(window)],
        reported_at=rows[-1],
        kind="trend",
        direction="up" if score_now > 0 else "down",
        effect=slope * (WIDTH - 1),
        p_value=p_value,
        score=deviations,
    )


def _is_small(window: Floats, slope: float) -> bool:
    about = window - slope * _TIMES
    scatter = MEDIAN_TO_SIGMA * float(np.median(np.abs(about - np.median(about))))
    return abs(slope) * WIDTH < LEAST_DEVIATIONS * scatter


def _is_levels(window: Floats, slope: float) -> bool:
    """Whether two levels leave much less of the window than the line does."""
    about_line = _squares(window - slope * _TIMES)
    before = np.arange(SHORTEST_LEVEL, WIDTH - SHORTEST_LEVEL)
    sums = np.cumsum(window - window.mean())[before - 1]
    gains = sums * sums * WIDTH / (before * (WIDTH - before))
    return _squares(window) - float(gains.max()) < LEVELS_SHARE * about_line


def _beginning(window: Floats) -> int:
    """Where the trend begins: the bend of the best line that is level up to there, by least squares."""
    bends = np.arange(WIDTH - SHORTEST_TREND)
    ramps = np.maximum(_TIMES - bends[:, None], 0.0)
    ramps -= ramps.mean(axis=1, keepdims=True)
    fits = (ramps @ (window - window.mean())) ** 2 / (ramps * ramps).sum(axis=1)
    return int(fits.argmax())


def _squares(values: Floats) -> float:
    centred = values - values.mean()
    return float(centred @ centred)


def _sign(score_now: int) -> int:
    return (score_now > 0) - (score_now < 0)
