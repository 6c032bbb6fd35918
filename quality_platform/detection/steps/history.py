"""Steps in the level of a series: regressions, improvements, whatever the metric calls them.

A season is taken out, outliers are pulled in, the series is cut where that pays, and cuts that are not significant,
too small or better told as a slope are taken back, the most doubtful first; what is left is put where the step is
most sudden, and steps of one rise are told as its first. Does not belong here: slow drift (`trends/`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quality_platform.detection.scaling import to_unit, usable
from quality_platform.detection.season import without_season
from quality_platform.detection.steps.cleaning import spread, winsorise
from quality_platform.detection.steps.jumps import REACH, Jump, Jumps
from quality_platform.detection.steps.pruning import prune
from quality_platform.detection.steps.ramps import rises_of
from quality_platform.detection.steps.segmentation import segment
from quality_platform.detection.steps.significance import Comparison, RunningSums
from quality_platform.detection.steps.sudden import Sudden, sudden_near
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
    values: ArrayLike,
    *,
    minimum_effect_percent: float = 1.0,
    minimum_segment: int = 5,
    alpha: float = 1e-4,
    has_noise: bool = True,
) -> tuple[Change, ...]:
    """The steps of `values` (float64, shape (n,), in order of time), in that order.

    Values that are not finite, or 1e200 and more, are left out. A level must last `minimum_segment` points (at
    least 4), so a step is found when that many lie behind it. `alpha` is small because every row is a chance to
    be wrong. Where the series has no noise, only a memory, as the slopes of a smooth curve do, no step is sudden.
    """
    given = np.asarray(values, dtype=np.float64)
    rows = np.flatnonzero(usable(given))
    shortest = max(minimum_segment, SHORTEST_SEGMENT)
    if len(rows) < 2 * shortest:
        return ()
    unit, exponent = to_unit(given[rows])
    cleaned = winsorise(without_season(unit))
    noise = spread(np.diff(cleaned)) / math.sqrt(2)
    if noise == 0:
        return ()
    judge = _Judge(cleaned, max(noise, LEAST_NOISE), exponent, alpha, minimum_effect_percent, has_noise)
    cuts = segment(judge.scaled, penalty=PENALTY * math.log(len(rows)), minimum_segment=shortest)
    kept = prune(cuts, len(rows), judge.doubt, alpha)
    changes = [judge.change(where, int(rows[place])) for where, place in zip(kept, judge.places(kept), strict=True)]
    rises = rises_of(judge.scaled, [cut for _, cut, _ in kept])
    return tuple(_risen(changes[first], changes[last]) for first, last in rises)


def _risen(first: Change, last: Change) -> Change:
    """The step at `first` to the level after `last`."""
    effect, percent = last.after - first.before, percent_change(first.before, last.after)
    return first if first is last else replace(first, after=last.after, effect=effect, effect_percent=percent)


class _Judge:
    """What there is to say for a cut of one cleaned series: two levels, or else a jump."""

    def __init__(
        self,
        cleaned: Floats,
        noise: float,
        exponent: int,
        alpha: float,
        minimum_effect_percent: float,
        has_noise: bool,
    ) -> None:
        self._cleaned = cleaned
        self._noise = noise
        self._centre = float(np.median(cleaned))
        self._exponent = exponent
        self._alpha = alpha
        self._minimum_effect = minimum_effect_percent
        self._has_noise = has_noise
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

    def places(self, kept: Sequence[tuple[int, int, int]]) -> Iterator[int]:
        """Where the steps are: at their cuts, or near to them where noise with a memory tells a sudden one."""
        placed = 0
        for start, cut, end in kept:
            memory = self._sums.compare(start, cut, end).memory
            sudden = self._sudden(max(start, placed), cut, end, memory)
            placed = sudden.cut if sudden else cut
            yield placed

    def _told_by(self, start: int, cut: int, end: int) -> tuple[float, Comparison | Jump]:
        """A cut's doubt and what it rests on: levels, the first choice, a jump, or levels that part suddenly."""
        levels = self._sums.compare(start, cut, end)
        refused = REFUSED * (levels.deviations < MINIMUM_DEVIATIONS or levels.is_slope or self._is_small(levels))
        if levels.p_value + refused > self._alpha:
            jump = self._jumps.at(cut)
            if jump is not None and jump.p_value <= self._alpha and not self._is_small(jump):
                return jump.p_value, jump
            sudden = self._sudden(start, cut, end, levels.memory)
            if sudden is not None and sudden.p_value < levels.p_value:
                levels = replace(levels, statistic=sudden.statistic, p_value=sudden.p_value)
        return levels.p_value + refused, levels

    def _sudden(self, start: int, cut: int, end: int, memory: float) -> Sudden | None:
        return sudden_near(self.scaled, start, cut, end, memory) if self._has_noise else None

    def _is_small(self, found: Comparison | Jump) -> bool:
        before, after = (self._centre + self._noise * level for level in (found.before, found.after))
        return abs(percent_change(before, after)) < self._minimum_effect
