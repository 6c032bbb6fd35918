"""The anomaly rule: a value unlike those before it, by detection's verdict or, where there is none, by its own score.

The own score is the robust z-score: the distance from the median in units of the median absolute deviation, scaled to
the standard deviation of a normal distribution (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993). It
knows no seasons; `marts.metric_anomalies` does.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import fmean, median

from quality_platform.model.alerts import Evidence, Level, RuleState, Sample, Transition
from quality_platform.model.change import percent_change, worsening
from quality_platform.model.metric import Direction
from quality_platform.model.rules import AnomalyRule
from quality_platform.rules.condition import Times, advance
from quality_platform.rules.levels import Judged, amount, graded

TO_SIGMA = 1.4826
"""Of a normal distribution, standard deviation over median absolute deviation."""

MEAN_TO_SIGMA = 1.2533
"""The same over the mean absolute deviation, for values most of which are equal."""

MOST = 100.0
"""No score is higher: against a series that never moved, any step is infinitely strange."""


def evaluate(
    rule: AnomalyRule,
    state: RuleState,
    samples: Sequence[Sample],
    *,
    direction: Direction,
    unit: str = "",
    verdicts: Mapping[datetime, float] | None = None,
) -> Judged:
    """Judge the samples later than `state.evaluated_to` by those before them; all sorted by time.

    `verdicts` are detection's scores of this series by instant, positive above what was expected; an instant that is
    not among them was ordinary. None: detection says nothing of the series.
    """
    numbers = [each for each in samples if math.isfinite(each.value)]
    instants = [each.observed_at for each in numbers]
    told: list[Transition] = []
    for sample in numbers:
        at = sample.observed_at
        if state.evaluated_to is not None and at <= state.evaluated_to:
            continue
        before = [each.value for each in numbers[bisect_right(instants, at - rule.window) : bisect_left(instants, at)]]
        score = scored(before, sample.value) if verdicts is None else verdicts.get(at, 0.0)
        enough = verdicts is not None or len(before) >= rule.min_samples
        level = _level(rule, score, before, sample.value, direction)
        times = Times(rule.for_, rule.keep_firing_for)
        state, changes = advance(state, level, at, times, _Teller(sample, before, score, unit), enough=enough)
        told += changes
    return state, tuple(told)


def scored(before: Sequence[float], value: float) -> float:
    """The signed robust z-score of `value` among those `before`; 0 without any."""
    if not before:
        return 0.0
    middle = median(before)
    apart = [abs(each - middle) for each in before]
    scale = TO_SIGMA * median(apart) or MEAN_TO_SIGMA * fmean(apart)
    distance = value - middle
    if scale <= abs(distance) / MOST:
        return math.copysign(MOST, distance) if distance else 0.0
    return distance / scale


def _level(rule: AnomalyRule, score: float, before: Sequence[float], value: float, direction: Direction) -> Level:
    seen = {"both": abs(score), "above": score, "below": -score, "worse": worsening(direction, score)}[rule.side]
    if before and abs(percent_change(median(before), value)) < rule.min_change_percent:
        return "ok"
    return graded(seen, rule.warning_score, rule.critical_score)


class _Teller:
    def __init__(self, sample: Sample, before: Sequence[float], score: float, unit: str) -> None:
        self._sample, self._before, self._score, self._unit = sample, before, score, unit

    def __call__(self, before: Level, to: Level) -> Evidence:
        usual = f" where {amount(median(self._before), self._unit)} is usual" if self._before else ""
        said = f"{amount(self._sample.value, self._unit)}{usual}, {amount(abs(self._score))} deviations away."
        detail = said if to != "ok" else f"{amount(self._sample.value, self._unit)} is ordinary again."
        return Evidence(self._sample.value, None, self._sample.observed_at, detail=detail)
