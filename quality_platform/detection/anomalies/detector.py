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
from quality_platform.detection.anomalies.expectation import Expectation
from quality_platform.detection.anomalies.pace import LEARNT_FROM, rows_per_day
from quality_platform.detection.anomalies.ring import Ring
from quality_platform.detection.anomalies.tail import Tail, tail_of
from quality_platform.detection.report import Detection
from quality_platform.detection.scaling import LARGEST

Floats = NDArray[np.float64]

# Errors that the tail is taken from, and after how many rows it is, and the forecast chosen, anew.
REMEMBERED = 4_000
LEARN_EVERY = 25
# Errors that must be known before one can be unusual: a day and a half of them, within these bounds.
WARM_DAYS, WARM_LEAST, WARM_MOST = 1.5, 60, 500
# What makes the median of absolute values estimate a normal distribution's deviation.
MEDIAN_TO_SIGMA = 1.4826


class OnlineAnomalies:
    """The detector of one series. Its state takes 60 kB at an hour's pace, 140 kB at a minute's."""

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
        self._sizes = Ring(REMEMBERED)
        self._alarm = Alarm(pace)
        self._taken = 0
        self._tail: Tail | None = None
        self._sigma = 0.0

    def judge(self, values: Floats, row: int) -> list[Detection]:
        """What is to be said of `values` (finite), the first of which is row `row`."""
        found: list[Detection] = []
        done = 0
        while done < len(values):
            if self._taken % LEARN_EVERY == 0:
                self._learn()
            piece = values[done : done + LEARN_EVERY - self._taken % LEARN_EVERY]
            found += self._piece(piece, row + done)
            self._taken += len(piece)
            done += len(piece)
        return found

    def _learn(self) -> None:
        self._expectation.choose()
        sizes = self._sizes.values()
        if len(sizes) >= min(max(WARM_DAYS * self._pace, WARM_LEAST), WARM_MOST):
            self._tail = tail_of(sizes)
            self._sigma = MEDIAN_TO_SIGMA * float(np.median(sizes))

    def _piece(self, values: Floats, row: int) -> list[Detection]:
        errors = self._expectation.errors(values)
        there = ~np.isnan(errors)
        sizes = np.abs(errors[there])
        if self._tail is None:
            self._sizes.extend(sizes)
            return []
        found = []
        limit = self._tail.limit(share_reported(self._pace))
        places = np.flatnonzero(there)
        learnt = np.minimum(sizes, limit)
        kept = np.ones(len(sizes), dtype=bool)
        for at in np.flatnonzero(sizes > limit).tolist():
            here = row + int(places[at])
            if sizes[at] > limit * self._alarm.strictness(here):
                begins = self._alarm.unusual(here)
                kept[at] = self._alarm.is_accustomed(here)
                if begins:
                    found.append(self._report(here, float(errors[places[at]])))
        self._sizes.extend(learnt[kept])
        return found

    def _report(self, row: int, error: float) -> Detection:
        assert self._tail is not None
        score = abs(error) / self._sigma if self._sigma > 0 else math.inf
        return Detection(
            row, row, "anomaly", "up" if error > 0 else "down", error, self._tail.p_value(abs(error)), score
        )

    def state(self) -> dict[str, Any]:
        tail = self._tail
        return {
            "pace": self._pace, "expectation": self._expectation.state(), "sizes": self._sizes.state(),
            "alarm": self._alarm.state(), "taken": self._taken, "sigma": self._sigma,
            "tail": None if tail is None else [tail.start, tail.share, tail.scale, tail.shape],
        }  # fmt: skip

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        found = cls(state["pace"])
        found._expectation = Expectation.from_state(state["expectation"])
        found._sizes = Ring.from_state(state["sizes"])
        found._alarm = Alarm.from_state(state["alarm"])
        found._taken, found._sigma = state["taken"], state["sigma"]
        found._tail = None if state["tail"] is None else Tail(*state["tail"])
        return found


def find_anomalies(times: Floats, values: Floats) -> tuple[Detection, ...]:
    """The unusual values of a whole history (float64, shape (n,), in the order of arrival), as they would have been
    told on-line."""
    return tuple(OnlineAnomalies().extend(times, values))
