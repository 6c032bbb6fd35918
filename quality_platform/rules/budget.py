"""Shares of bad events in windows of a series, at any instant: sums over samples, for rules about objectives.

Does not belong here: what share is too much (`burn_rate.py`).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from quality_platform.model.alerts import Sample
from quality_platform.model.rules import BurnRateRule
from quality_platform.rules.burn_rate import Spent

PERCENT = 100.0


class Budget:
    """Sums of a series, and of its totals where the rule has them, up to each sample; what is no number counts 0.

    `unit` is the metric's: a share in per cent is divided by 100.
    """

    def __init__(self, rule: BurnRateRule, samples: Sequence[Sample], totals: Sequence[Sample] = (), unit: str = ""):
        self._rule = rule
        self._scale = PERCENT if unit.startswith("%") else 1.0
        self._counted = _Sums(samples)
        self._totals = _Sums(totals)

    def spent(self, at: datetime) -> tuple[Spent, ...]:
        """What was spent in each of the rule's pairs of windows, which end at `at` and are open at their start."""
        return tuple(self._pair(at, window.long, window.short) for window in self._rule.windows)

    def _pair(self, at: datetime, long: timedelta, short: timedelta) -> Spent:
        whole, count = self._totals.between(at - long, at)
        events = whole if self._rule.total_metric else float(count)
        return Spent(self._share(at, long), self._share(at, short), events)

    def _share(self, at: datetime, length: timedelta) -> float:
        part, count = self._counted.between(at - length, at)
        whole = self._totals.between(at - length, at)[0] if self._rule.total_metric else count * self._scale
        return bad_share(self._rule, part, whole)


def bad_share(rule: BurnRateRule, part: float, whole: float) -> float:
    """The share of bad events; NaN where there were none at all."""
    if not whole > 0:
        return math.nan
    share = part / whole
    return share if rule.measures == "bad" else 1.0 - share


class _Sums:
    def __init__(self, samples: Iterable[Sample]) -> None:
        kept = [each for each in samples if math.isfinite(each.value)]
        self._instants = [each.observed_at for each in kept]
        self._sums = [0.0, *accumulate(each.value for each in kept)]

    def between(self, start: datetime, end: datetime) -> tuple[float, int]:
        """Sum and number of the samples in (`start`, `end`]."""
        first, last = bisect_right(self._instants, start), bisect_right(self._instants, end)
        return self._sums[last] - self._sums[first], last - first
