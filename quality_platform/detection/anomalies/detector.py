"""Tells unusual values of a series as its rows come in; a whole history is the same, fed in larger pieces.

Belongs here: how expectation, tail and alarm work together, and the two forms. Does not belong here: their mathematics.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from quality_platform.detection.anomalies.alarm import Alarm, share_reported
from quality_platform.detection.anomalies.expectation import CHOSEN_EVERY, Expectation
from quality_platform.detection.anomalies.pace import LEARNT_FROM, rows_per_day
from quality_platform.detection.anomalies.scale import Scale
from quality_platform.detection.report import Detection
from quality_platform.detection.scaling import LARGEST

Floats = NDArray[np.float64]

# Rows over which errors are looked at.
WIDTHS = (1, 3, 9)
# Rows judged in one go: the medians that are expected take 800 bytes a row meanwhile.
AT_ONCE = 2_000
# Errors that must be known before one can be unusual: a day and a half of them, within these bounds.
WARM_DAYS, WARM_LEAST, WARM_MOST = 1.5, 60, 500


class OnlineAnomalies:
    """The detector of one series. Its state takes 140 kB at an hour's pace, 210 kB at a minute's."""

    def __init__(self) -> None:
        self._row = 0
        self._last: float | None = None
        self._first: list[tuple[float, float]] = []
        self._judge: _Judge | None = None

    def update(self, time: float, value: float) -> Detection | None:
        """Take the next row (seconds, value); what is to be said of it. A value that is no number is not judged."""
        return next(iter(self.extend(np.array([time]), np.array([value]))), None)

    def extend(self, times: Floats, values: Floats) -> list[Detection]:
        """Take the next rows, float64 of shape (n,) both; what is to be said of them."""
        start, self._row = self._row, self._row + len(values)
        known = np.abs(values) < LARGEST
        filled = self._filled(values, known)
        beginning = LEARNT_FROM - len(self._first) if self._judge is None else 0
        if beginning:
            usable = np.flatnonzero(~np.isnan(filled))[:beginning]
            self._first += zip(times[usable].tolist(), filled[usable].tolist(), strict=True)
            if len(self._first) < LEARNT_FROM:
                return []
            self._judge = _Judge(rows_per_day([time for time, _ in self._first]))
            self._judge.judge(np.array([value for _, value in self._first]), 0)
            self._first.clear()
            rest = int(usable[-1]) + 1
            filled, known, start = filled[rest:], known[rest:], start + rest
        assert self._judge is not None
        return [found for found in self._judge.judge(filled, start) if known[found.index - start]]

    def _filled(self, values: Floats, known: NDArray[np.bool_]) -> Floats:
        """`values`, where none is known the one before: so that seasons keep their places."""
        places = np.maximum.accumulate(np.where(known, np.arange(len(values)), -1))
        before = math.nan if self._last is None else self._last
        filled: Floats = np.where(places >= 0, values[np.maximum(places, 0)], before)
        if len(filled) and not math.isnan(filled[-1]):
            self._last = float(filled[-1])
        return filled

    def state(self) -> dict[str, Any]:
        """All it has to remember, as JSON can hold it."""
        judge = None if self._judge is None else self._judge.state()
        return {"row": self._row, "last": self._last, "first": [list(pair) for pair in self._first], "judge": judge}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The detector with that `state()`."""
        found = cls()
        found._row, found._last = state["row"], state["last"]
        found._first = [(time, value) for time, value in state["first"]]
        found._judge = None if state["judge"] is None else _Judge.from_state(state["judge"])
        return found


class _Judge:
    """Judges the rows of a series whose pace is known."""

    def __init__(self, pace: float) -> None:
        self._pace = pace
        self._expectation = Expectation(pace)
        self._scales = [Scale(width) for width in WIDTHS]
        self._alarm = Alarm(pace)
        self._taken = 0
        self._limits: Floats = np.full((len(WIDTHS), 1), np.inf)

    def judge(self, values: Floats, row: int) -> list[Detection]:
        """What is to be said of `values` (finite), the first of which is row `row`."""
        found: list[Detection] = []
        for start in range(0, len(values), AT_ONCE):
            found += self._judge(values[start : start + AT_ONCE], row + start)
        return found

    def _judge(self, values: Floats, row: int) -> list[Detection]:
        errors = self._expectation.errors(values)
        means = np.array([scale.means(errors) for scale in self._scales])
        found: list[Detection] = []
        done = 0
        while done < len(values):
            if self._taken % CHOSEN_EVERY == 0:
                self._renew()
            piece = means[:, done : done + CHOSEN_EVERY - self._taken % CHOSEN_EVERY]
            found += self._piece(piece, row + done)
            self._taken += piece.shape[1]
            done += piece.shape[1]
        return found

    def _renew(self) -> None:
        least = int(min(max(WARM_DAYS * self._pace, WARM_LEAST), WARM_MOST))
        share = share_reported(self._pace) / len(WIDTHS)
        for scale in self._scales:
            scale.renew(least)
        self._limits = np.array([[scale.limit(share)] for scale in self._scales])

    def _piece(self, means: Floats, row: int) -> list[Detection]:
        """What is to be said of rows with these means, shape (scales, n), while limits stay as they are."""
        sizes = np.abs(means)
        found, usual = self._told(sizes, means, row) if (sizes > self._limits).any() else ([], None)
        learnt = np.minimum(sizes, self._limits)
        learnt = learnt if usual is None else learnt[:, usual]
        for scale, part in zip(self._scales, learnt, strict=True):
            scale.extend(part[~np.isnan(part)])
        return found

    def _told(self, sizes: Floats, means: Floats, row: int) -> tuple[list[Detection], NDArray[np.bool_]]:
        """What is to be said, and which rows are usual enough to be learnt from."""
        times = _excess(sizes, self._limits)
        excess, scales = times.max(axis=0), times.argmax(axis=0)
        found, usual = [], np.ones(len(excess), dtype=bool)
        for at in np.flatnonzero(excess > 1.0).tolist():
            if excess[at] > self._alarm.strictness(row + at):
                usual[at] = False
                if self._alarm.unusual(row + at, float(excess[at])):
                    found.append(self._report(row + at, float(means[scales[at], at]), self._scales[scales[at]]))
        return found, usual

    def _report(self, row: int, error: float, scale: Scale) -> Detection:
        assert scale.tail is not None
        score = abs(error) / scale.sigma if scale.sigma > 0 else math.inf
        p_value = min(len(WIDTHS) * scale.tail.p_value(abs(error)), 1.0)
        return Detection(row, row, "anomaly", "up" if error > 0 else "down", error, p_value, score)

    def state(self) -> dict[str, Any]:
        return {
            "pace": self._pace, "expectation": self._expectation.state(), "alarm": self._alarm.state(),
            "taken": self._taken, "limits": [None if math.isinf(one) else one for one in self._limits[:, 0].tolist()],
            "scales": [scale.state() for scale in self._scales],
        }  # fmt: skip

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        found = cls(state["pace"])
        found._expectation = Expectation.from_state(state["expectation"])
        found._scales = [Scale.from_state(each) for each in state["scales"]]
        found._alarm = Alarm.from_state(state["alarm"])
        found._taken = state["taken"]
        found._limits = np.array([[math.inf if one is None else one] for one in state["limits"]])
        return found


def _excess(sizes: Floats, limits: Floats) -> Floats:
    """How many times its limit each size is, shape (scales, n); 0 of what is not known."""
    with np.errstate(over="ignore"):
        times = np.divide(sizes, limits, out=np.where(sizes > 0, np.inf, 0.0), where=limits > 0)
    return np.nan_to_num(times, nan=0.0, posinf=np.inf)


def find_anomalies(times: Floats, values: Floats) -> tuple[Detection, ...]:
    """The unusual values of a whole history (float64, shape (n,), in the order of arrival), as they would have been
    told on-line."""
    return tuple(OnlineAnomalies().extend(times, values))
