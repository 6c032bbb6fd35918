"""Shares of bad events in windows of a series, at any instant: sums over samples, for rules about objectives.

Does not belong here: what share is too much (`burn_rate.py`).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from quality_platform.model.alerts import Sample
from quality_platform.model.rules import BurnRateRule
from quality_platform.rules.burn_rate import Spent

PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Summed:
    """Of one window: the sum and the number of the rule's metric, and the sum of all events where it has them."""

    part: float
    count: int
    total: float = 0.0


def spent_of(rule: BurnRateRule, windows: Mapping[timedelta, Summed], unit: str) -> tuple[Spent, ...]:
    """What was spent in each of the rule's pairs, of sums by length of window; `unit` is the metric's."""
    return tuple(
        Spent(
            _share(rule, windows[pair.long], unit),
            _share(rule, windows[pair.short], unit),
            windows[pair.long].total if rule.total_metric else float(windows[pair.long].count),
        )
        for pair in rule.windows
    )


def lengths(rule: BurnRateRule) -> tuple[timedelta, ...]:
    """The lengths of its windows, each once."""
    return tuple(sorted({length for pair in rule.windows for length in (pair.long, pair.short)}))


class Budget:
    """Sums of a series, and of its totals where the rule has them, up to each sample; what is no number counts 0."""

    def __init__(self, rule: BurnRateRule, samples: Sequence[Sample], totals: Sequence[Sample] = (), unit: str = ""):
        self._rule, self._unit = rule, unit
        self._counted, self._totals = _Sums(samples), _Sums(totals)

    def spent(self, at: datetime) -> tuple[Spent, ...]:
        """What was spent in each of the rule's pairs of windows, which end at `at` and are open at their start."""
        windows = {
            length: Summed(*self._counted.between(at - length, at), self._totals.between(at - length, at)[0])
            for length in lengths(self._rule)
        }
        return spent_of(self._rule, windows, self._unit)


def _share(rule: BurnRateRule, summed: Summed, unit: str) -> float:
    """The share of bad events, not below 0; NaN where there were none at all. A share in per cent is divided by 100."""
    whole = summed.total if rule.total_metric else summed.count * (PERCENT if unit.startswith("%") else 1.0)
    if not whole > 0:
        return math.nan
    share = summed.part / whole
    return max(share if rule.measures == "bad" else 1.0 - share, 0.0)


class _Sums:
    def __init__(self, samples: Iterable[Sample]) -> None:
        kept = [each for each in samples if math.isfinite(each.value)]
        self._instants = [each.observed_at for each in kept]
        self._sums = [0.0, *accumulate(each.value for each in kept)]

    def between(self, start: datetime, end: datetime) -> tuple[float, int]:
        """Sum and number of the samples in (`start`, `end`]."""
        first, last = bisect_right(self._instants, start), bisect_right(self._instants, end)
        return self._sums[last] - self._sums[first], last - first
