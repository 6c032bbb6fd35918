"""Steps in the level of a series: regressions, improvements, whatever the metric calls them.

Outliers are pulled in, the series is cut where that pays, and cuts that are not significant, too small or
better told as a slope are taken back, the most doubtful first. Does not belong here: slow drift (`trends.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quality_platform.detection.cleaning import spread, winsorise
from quality_platform.detection.jumps import REACH, Jump, Jumps
from quality_platform.detection.pruning import prune
from quality_platform.detection.scaling import to_unit, usable
from quality_platform.detection.segmentation import segment
from quality_platform.detection.significance import Comparison, RunningSums
from quality_platform.model.change import percent_change

Floats = NDArray[np.float64]

# Cost of one cut in units of the noise's variance times log n; 2 is Schwarz's criterion for white noise,
# more leaves less for the test to take back when the noise has a memory.
PENALTY = 4.0
# A step smaller than the scatter about the levels is nothing that a person would see.
MINIMUM_DEVIATIONS = 1.0
# Fewer points than this are outliers to `winsorise`.
SHORTEST_SEGMENT = 4
# Differences this far below the largest value are rounding errors, not noise to measure steps by.
LEAST_NOISE = 1e-12
# Added to the p-value of what is no step whatever its p-value, so that it goes first.
REFUSED = 2.0


@dataclass(frozen=True, slots=True)
class Change:
    """One step. `index` is the row, in the array as it was given, of the first point on the new level.

    `before` and `after` are the mean levels of the stretches on both sides, outliers pulled in, or, where the
    series wanders and only the jump is sure, the medians of the five points before and after; `effect` is their
    difference, `effect_percent` the same in per cent of the level before (see `percent_change` for levels of
    zero); `score` is the size of the test's statistic, infinite between two constants.
    """

    index: int
    before: float
    after: float
    effect: float
    effect_percent: float
    p_value: float
    score: float


def find_changes(
    values: ArrayLike, *, minimum_effect_percent: float = 1.0, minimum_segment: int = 5, alpha: float = 1e-4
) -> tuple[Change, ...]:
    """The steps of `values` (float64, shape (n,), in order of time), in that order.

    Values that are not finite, or 1e200 and more, are left out. A level must last `minimum_segment` points (at
    least 4), so a step is found when that many lie behind it. `alpha` is small because every row is a chance to
    be wrong.
    """
    given = np.asarray(values, dtype=np.float64)
    rows = np.flatnonzero(usable(given))
    shortest = max(minimum_segment, SHORTEST_SEGMENT)
    if len(rows) < 2 * shortest:
        return ()
    unit, exponent = to_unit(given[rows])
    cleaned = winsorise(unit)
    noise = spread(np.diff(cleaned)) / math.sqrt(2)
    if noise == 0:
        return ()
    judge = _Judge(cleaned, max(noise, LEAST_NOISE), exponent, alpha, minimum_effect_percent)
    cuts = segment(judge.scaled, penalty=PENALTY * math.log(len(rows)), minimum_segment=shortest)
    kept = prune(cuts, len(rows), judge.doubt, alpha)
    return tuple(judge.change(where, int(rows[where[1]])) for where in kept)


class _Judge:
    """What there is to say for a cut of one cleaned series: two levels, or else a jump."""

    def __init__(
        self, cleaned: Floats, noise: float, exponent: int, alpha: float, minimum_effect_percent: float
    ) -> None:
        self._cleaned = cleaned
        self._noise = noise
        self._centre = float(np.median(cleaned))
        self._exponent = exponent
        self._alpha = alpha
        self._minimum_effect = minimum_effect_percent
        self.scaled: Floats = (cleaned - self._centre) / noise
        self._sums = RunningSums(self.scaled)
        self._jumps = Jumps(self.scaled)

    def doubt(self, start: int, cut: int, end: int) -> float:
        """How doubtful a cut is: the p-value of what it is told by."""
        return self._told_by(start, cut, end)[0]

    def change(self, where: tuple[int, int, int], row: int) -> Change:
        """The step, for a cut that was kept."""
        start, cut, end = where
        _, found = self._told_by(start, cut, end)
        if isinstance(found, Jump):
            levels = np.median(self._cleaned[cut - REACH : cut]), np.median(self._cleaned[cut : cut + REACH])
        else:
            levels = self._cleaned[start:cut].mean(), self._cleaned[cut:end].mean()
        before, after = (float(level) for level in levels)
        return Change(
            index=row,
            before=math.ldexp(before, self._exponent),
            after=math.ldexp(after, self._exponent),
            effect=math.ldexp(after - before, self._exponent),
            effect_percent=percent_change(before, after),
            p_value=found.p_value,
            score=abs(found.statistic),
        )

    def _told_by(self, start: int, cut: int, end: int) -> tuple[float, Comparison | Jump]:
        """A cut's doubt and what it rests on: the jump where that holds and the levels do not, else the levels."""
        levels = self._sums.compare(start, cut, end)
        no_levels = levels.deviations < MINIMUM_DEVIATIONS or levels.is_slope or self._is_small(levels)
        doubt = levels.p_value + REFUSED * no_levels
        if doubt > self._alpha:
            jump = self._jumps.at(cut)
            if jump is not None and jump.p_value <= self._alpha and not self._is_small(jump):
                return jump.p_value, jump
        return doubt, levels

    def _is_small(self, found: Comparison | Jump) -> bool:
        before, after = (self._centre + self._noise * level for level in (found.before, found.after))
        return abs(percent_change(before, after)) < self._minimum_effect
