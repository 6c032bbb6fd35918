"""The Theil–Sen slope of a few hundred samples, and how consistently they go that way.

Sen, J. Amer. Statist. Assoc. 63 (1968) 1379; the consistency is Kendall's tau without correction for ties. Belongs
here: what the rule measures itself, also in a backtest. Does not belong here: the significance of trends
(`detection/trends/line.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from quality_platform.model.alerts import Sample

DAY = 86_400.0
MOST_POINTS = 150
"""All pairs of so many take 3 ms; of more, every so-manieth counts."""


@dataclass(frozen=True, slots=True)
class Slope:
    """Units per day, the change from the first to the last instant, and rising minus falling share of all pairs."""

    per_day: float
    change: float
    consistency: float
    start: float


def slope_of(samples: Sequence[Sample]) -> Slope | None:
    """The slope of samples sorted by time; None where fewer than two instants have a finite value."""
    points = _thinned([each for each in samples if math.isfinite(each.value)])
    if len(points) < 2:
        return None
    first = points[0].observed_at
    days = [(each.observed_at - first).total_seconds() / DAY for each in points]
    pairs = list(combinations(zip(days, (each.value for each in points), strict=True), 2))
    slopes = [(later - value) / (end - start) for (start, value), (end, later) in pairs if end > start]
    if not slopes:
        return None
    slope = median(slopes)
    rising = sum(each > 0 for each in slopes) - sum(each < 0 for each in slopes)
    start = median(each.value - slope * day for each, day in zip(points, days, strict=True))
    return Slope(slope, slope * days[-1], rising / len(pairs), start)


def _thinned(samples: Sequence[Sample]) -> Sequence[Sample]:
    """At most `MOST_POINTS`, evenly picked, the newest among them."""
    step = math.ceil(len(samples) / MOST_POINTS)
    return samples if step <= 1 else samples[::-1][::step][::-1]
