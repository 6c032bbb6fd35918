"""Steps in the level of a series, told as its rows come in; nothing of the future is used.

Each row asks whether one of the last 4 to 38 values began a new level, measured against the stretch before it and
the noise learnt so far. A step that is told starts a new stretch at its cut. The state is the last 250 values at
most. Does not belong here: a whole history (`history.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from quality_platform.detection.report import Detection
from quality_platform.detection.scaling import LARGEST
from quality_platform.detection.steps.level_shift import LevelShift, Shift
from quality_platform.detection.steps.running_noise import CLIP, Noise, clipped, estimate
from quality_platform.detection.steps.significance import RunningSums

Floats = NDArray[np.float64]

# Rows of the new level that are tried for; fewer than four are an outlier, and a step of one deviation in white
# noise takes twenty. Every size would find the step no sooner, but cost three times as much.
SIZES = (4, 5, 6, 7, 9, 12, 16, 21, 28, 38)
# Standard errors that a shift must reach: about one false report in 10,000 rows of noise of many kinds.
LIMIT = 4.2
# What it must reach more, shared by the number of rows before it: their level is not sure yet.
MARGIN = 8.0
# Rows on the level before.
FEWEST_BEFORE = 5
# Rows before the first step of all: what the noise is like is not known sooner, and half a day's ups and downs by
# the half-hour look like one.
FIRST = 30
# A step smaller than this many deviations is none that a person would see.
MINIMUM_DEVIATIONS = 0.8
# Rows from which noise is learnt, the number at which the oldest go, and after how many new ones it is learnt anew.
WINDOW, CHUNK, LEARN_EVERY = 200, 50, 8
# The newest rows of a stretch are not learnt from: they may be the next level.
UNSURE = 20
# Rows before a cut that a slope is looked for in.
SLOPE_REACH = 60
# Rows about a cut in which its place is sought.
PLACE_REACH = 10
# Deviations that count when a place is sought; an outlier at the cut is no longer a danger there.
WIDE_CLIP = 4.0
LEAST_NOISE = 1e-12


@dataclass(slots=True)
class Stretch:
    """The rows since the last step, in units of the noise learnt so far."""

    centre: float
    noise: Noise
    sums: LevelShift

    @classmethod
    def of(cls, values: list[float], centre: float, noise: Noise) -> Self:
        """The stretch of `values`, one at least."""
        units = clipped(np.array(values), centre, noise.scale)
        return cls(centre, noise, LevelShift(units, noise.correlation, noise.variance))

    def append(self, value: float) -> None:
        """Take the next row."""
        unit = (value - self.centre) / self.noise.scale
        self.sums.append(min(max(unit, -CLIP), CLIP))

    def strongest(self, sizes: Iterable[int]) -> Shift | None:
        """The shift that exceeds its limit most, among those that leave so many rows behind them."""
        found, most = None, 0.0
        for size in sizes:
            cut = len(self.sums) - size
            if cut < FEWEST_BEFORE:
                break
            shift = self.sums.at(cut)
            above = abs(shift.statistic) - LIMIT - MARGIN / cut
            if above >= most:
                found, most = shift, above
        return found


class OnlineSteps:
    """Takes one row after the other, and says when one of the last began a new level."""

    def __init__(self) -> None:
        self._row = -1
        self._values: list[float] = []
        self._rows: list[int] = []
        # positions, in `_values`, of the first rows of the stretches after the oldest
        self._cuts: list[int] = []
        self._age = 0
        self._stretch: Stretch | None = None

    def update(self, time: float, value: float) -> Detection | None:
        """Take the next row; a step that it makes sure. Values that are not finite, or 1e200 and more, are left out."""
        del time  # a step is one in the order of arrival
        self._row += 1
        if not abs(value) < LARGEST:
            return None
        self._values.append(value)
        self._rows.append(self._row)
        self._age += 1
        if self._stretch is None or self._age >= LEARN_EVERY:
            self._learn()
        else:
            self._stretch.append(value)
        return self._judge(self._stretch) if self._stretch is not None else None

    def state(self) -> dict[str, Any]:
        """All there is to remember, as JSON can hold it: 10 kB at most."""
        learnt = self._stretch and [self._stretch.centre, *self._stretch.noise]
        return {
            "row": self._row, "values": self._values[:], "rows": self._rows[:], "cuts": self._cuts[:],
            "age": self._age, "learnt": learnt,
        }  # fmt: skip

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """A detector that goes on where the one with that `state()` stood."""
        one = cls()
        one._row, one._age = state["row"], state["age"]
        one._values, one._rows, one._cuts = (list(state[name]) for name in ("values", "rows", "cuts"))
        if state["learnt"]:
            centre, *noise = state["learnt"]
            one._stretch = Stretch.of(one._values[one._start :], centre, Noise(*noise))
        return one

    @property
    def _start(self) -> int:
        return self._cuts[-1] if self._cuts else 0

    def _learn(self) -> None:
        """Noise and level anew, from the rows that are kept."""
        self._age = 0
        if len(self._values) >= WINDOW + CHUNK:
            del self._values[:CHUNK], self._rows[:CHUNK]
            self._cuts = [cut - CHUNK for cut in self._cuts if cut > CHUNK]
        values, size = np.array(self._values), len(self._values) - self._start
        sure = self._start + max(size // 2, size - UNSURE, 1)
        stretches = [one for one in np.split(values[:sure], self._cuts) if len(one) >= FEWEST_BEFORE]
        noise = estimate(stretches, least=LEAST_NOISE * float(np.abs(values).max()) or 1.0)
        if noise is None and self._stretch is not None:
            noise = self._stretch.noise
        if noise is not None:
            centre = float(np.median(values[self._start : sure]))
            self._stretch = Stretch.of(self._values[self._start :], centre, noise)

    def _judge(self, stretch: Stretch) -> Detection | None:
        """A few sizes first, then all; a step that is large enough, no slope, and no outlier burst."""
        shift = stretch.strongest(SIZES) and stretch.strongest(range(SIZES[0], SIZES[-1] + 1))
        if not shift or abs(shift.height) < MINIMUM_DEVIATIONS:
            return None
        values = np.array(self._values[self._start :])
        cut = _place(values, shift.cut, stretch)
        if self._start + cut < FIRST or _arrived(values, cut) < SIZES[0] or _is_slope(values, cut, stretch):
            return None
        return self._report(shift, cut, _level(values[cut:], stretch.noise) - _level(values[:cut], stretch.noise))

    def _report(self, shift: Shift, cut: int, effect: float) -> Detection:
        index = self._rows[self._start + cut]
        self._cuts.append(self._start + cut)
        self._learn()
        return Detection(
            index=index,
            reported_at=self._row,
            kind="step",
            direction="up" if shift.statistic > 0 else "down",
            effect=effect,
            p_value=math.erfc(abs(shift.statistic) / math.sqrt(2)),
            score=abs(shift.statistic),
        )


def _place(values: Floats, cut: int, stretch: Stretch) -> int:
    """Where near `cut` the shift is largest when it is seen how far the values went; a new level of four at least."""
    units = clipped(values, stretch.centre, stretch.noise.scale, WIDE_CLIP)
    sums = LevelShift(units, stretch.noise.correlation, stretch.noise.variance)
    near = range(max(cut - PLACE_REACH, FEWEST_BEFORE), min(cut + PLACE_REACH, len(units) - SIZES[0]) + 1)
    return max(map(sums.at, near), key=lambda shift: abs(shift.statistic)).cut


def _arrived(values: Floats, cut: int) -> int:
    """How many values since `cut` lie nearer to the new level than to the old one."""
    before, after = np.median(values[:cut]), np.median(values[cut:])
    new = values[cut:]
    return int((np.abs(new - after) < np.abs(new - before)).sum())


def _is_slope(values: Floats, cut: int, stretch: Stretch) -> bool:
    """Whether one straight line tells the rows about the cut better than two levels."""
    first = max(cut - SLOPE_REACH, 0)
    units = clipped(values[first:], stretch.centre, stretch.noise.scale)
    return RunningSums(units).compare(0, cut - first, len(units)).is_slope


def _level(values: Floats, noise: Noise) -> float:
    """The mean, with what lies far from the median drawn in."""
    middle = float(np.median(values))
    return middle + noise.scale * float(clipped(values, middle, noise.scale).mean())
