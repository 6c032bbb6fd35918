"""What a threshold rule sees of a series at each sample: the value to compare, and whether that is enough to go by.

Does not belong here: thresholds (`threshold.py`), the aggregates themselves (`aggregate.py`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

from quality_platform.model.alerts import Sample
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules.aggregate import aggregated


class Window:
    """Samples in order of time, and the part of them that the rule looks at: (at - length, at], or the last few."""

    def __init__(
        self, rule: ThresholdRule, samples: Sequence[Sample], *, by_clock: bool = True, wholes: Sequence[Sample] = ()
    ) -> None:
        self._rule, self._samples, self._by_clock, self._wholes = rule, samples, by_clock, wholes
        self._length = timedelta(minutes=rule.trend_window_minutes)
        self._alone = rule.agg == "last" and rule.min_samples == 1
        self._numbers = [] if self._alone else [each for each in samples if each.value == each.value]
        self._instants = [each.observed_at for each in self._numbers]

    def at(self, place: int) -> tuple[float, bool]:
        """The value to compare at the sample at `place`, and whether that is enough to decide by."""
        sample, rule = self._samples[place], self._rule
        share = rule.min_denominator is None or self._is_share_of_enough(sample.observed_at)
        if self._alone:
            return sample.value, share
        end = bisect_right(self._instants, sample.observed_at)
        start = self._start(end, sample.observed_at)
        value = sample.value
        if rule.agg != "last":
            value = aggregated(rule.agg, [each.value for each in self._numbers[start:end]])
        return value, share and (rule.min_samples == 1 or end - start >= rule.min_samples)

    def _start(self, end: int, at: datetime) -> int:
        if self._by_clock:
            return bisect_right(self._instants, at - self._length)
        return max(end - self._rule.min_samples, 0)

    def _is_share_of_enough(self, at: datetime) -> bool:
        place = bisect_right(self._wholes, at, key=_instant)
        least = self._rule.min_denominator
        return least is None or (place > 0 and self._wholes[place - 1].value >= least)


def _instant(sample: Sample) -> datetime:
    return sample.observed_at
