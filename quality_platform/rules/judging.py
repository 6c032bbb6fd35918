"""A rule of any type over samples: which `evaluate` is called, and what it is given.

Belongs here: the one place that knows all rule types as functions of samples. Does not belong here: reading what they
are given (`alerting/conditions/`), the order of evaluations (`series.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.metric import Metric
from quality_platform.model.rules import (
    AbsenceRule,
    AnomalyRule,
    BurnRateRule,
    HeartbeatRule,
    ImprovementRule,
    RegressionRule,
    RuleConfig,
    ThresholdRule,
    TrendRule,
)
from quality_platform.rules import (
    absence,
    anomaly,
    burn_rate,
    heartbeat,
    improvement,
    regression,
    threshold,
    trend,
)
from quality_platform.rules.budget import Budget
from quality_platform.rules.levels import Judged
from quality_platform.rules.regression import ChangeRow
from quality_platform.rules.trend import TrendRow

NEAR = timedelta(0)
EVER = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Known:
    """What rules look at besides the samples themselves. Nothing of it later than an evaluation is used for it.

    `totals`: of a burn rate's `total_metric`; `wholes`: of a threshold's denominator; `changes` and `trends`: verdicts
    of detection; `verdicts`: its anomaly scores; `releases`: instants; `by_clock`: whether windows are counted in
    minutes (of commits, hours and days in observations).
    """

    totals: Sequence[Sample] = ()
    wholes: Sequence[Sample] | None = None
    changes: Sequence[ChangeRow] = ()
    trends: Sequence[TrendRow] = ()
    verdicts: Mapping[datetime, float] | None = None
    releases: Sequence[datetime] = ()
    by_clock: bool = True

    def reach(self, rule: RuleConfig) -> timedelta:
        """How far back before a sample the rule looks, in time."""
        if isinstance(rule, ThresholdRule):
            return timedelta(minutes=rule.trend_window_minutes)
        if isinstance(rule, AnomalyRule):
            return rule.window
        if isinstance(rule, BurnRateRule):
            return burn_rate.longest(rule)
        if isinstance(rule, TrendRule):
            return rule.trend.window if rule.trend else NEAR
        return EVER if isinstance(rule, RegressionRule) else NEAR

    def company(self, rule: RuleConfig) -> int:
        """How many samples before the first new one it needs at least, however old."""
        return rule.min_samples if isinstance(rule, ThresholdRule) else 1


def judged(
    rule: RuleConfig, state: RuleState, samples: Sequence[Sample], metric: Metric, now: datetime, known: Known
) -> Judged:
    """`state` after the samples later than it was judged to; all sorted by time, none later than `now`."""
    if not samples:
        return state, ()
    if isinstance(rule, ThresholdRule):
        return threshold.evaluate(rule, state, samples, metric.unit, by_clock=known.by_clock, wholes=known.wholes)
    if isinstance(rule, AbsenceRule):
        return absence.evaluate(rule, state, samples)
    if isinstance(rule, HeartbeatRule):
        return heartbeat.evaluate(rule, state, samples)
    if isinstance(rule, BurnRateRule):
        spent = Budget(rule, samples, known.totals, metric.unit).spent(samples[-1].observed_at)
        return burn_rate.evaluate(rule, state, spent, samples[-1])
    return _of_history(rule, state, samples, metric, now, known)


def _of_history(
    rule: AnomalyRule | TrendRule | RegressionRule | ImprovementRule, state: RuleState, samples: Sequence[Sample],
    metric: Metric, now: datetime, known: Known,
) -> Judged:  # fmt: skip
    latest, direction, unit = samples[-1], metric.direction, metric.unit
    if isinstance(rule, AnomalyRule):
        return anomaly.evaluate(rule, state, samples, direction=direction, unit=unit, verdicts=known.verdicts)
    if isinstance(rule, TrendRule):
        row = max(
            (each for each in known.trends if each.window_end <= now), key=lambda each: each.window_end, default=None
        )
        return trend.evaluate(rule, state, row, latest=latest, direction=direction, unit=unit, samples=samples)
    changes = [each for each in known.changes if each.changed_at <= now]
    if isinstance(rule, ImprovementRule):
        return improvement.evaluate(rule, state, changes, latest=latest, now=now, direction=direction, unit=unit)
    return regression.evaluate(
        rule, state, changes, latest=latest, now=now, direction=direction, unit=unit, samples=samples,
        releases=known.releases,
    )  # fmt: skip
