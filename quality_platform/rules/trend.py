"""The trend rule: a metric drifts in its bad direction, more than so many per cent over the judged window.

By the verdict of detection, or by the slope that the rule measures itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quality_platform.model.alerts import Evidence, Level, RuleState, Sample
from quality_platform.model.change import percent_change, worsening
from quality_platform.model.metric import Direction
from quality_platform.model.rules import SlopeSettings, TrendRule
from quality_platform.rules.levels import Judged, amount, graded, moved
from quality_platform.rules.slope import Slope, slope_of


@dataclass(frozen=True, slots=True)
class TrendRow:
    """What `marts.metric_trends` says of one series: drift in per cent of its start, newest value and instant."""

    window_end: datetime
    last_value: float
    change_percent: float | None
    p_value: float
    batch_id: str | None = None


def evaluate(
    rule: TrendRule,
    state: RuleState,
    trend: TrendRow | None,
    *,
    latest: Sample,
    direction: Direction,
    unit: str = "",
    samples: Sequence[Sample] = (),
) -> Judged:
    """Judge a series by its trend; None (too short, or constant by now) clears what fires.

    `latest` is the newest observation of the series. A verdict older than one judged before is ignored, and
    the same verdict again changes nothing. A rule with a slope of its own looks at `samples`, sorted by time, instead.
    """
    if rule.trend is not None:
        return _measured(rule, rule.trend, state, samples, direction, unit)
    at = latest.observed_at if trend is None else trend.window_end
    if state.evaluated_to is not None and at < state.evaluated_to:
        return state, ()
    if trend is None:
        gone = Evidence(latest.value, None, latest.observed_at, detail="There is no trend any more.")
        return moved(state, "ok", gone, at)
    drift = worsening(direction, trend.change_percent or 0.0)
    significant = trend.p_value <= rule.max_p_value
    level = graded(drift, rule.warning_percent, rule.critical_percent) if significant else "ok"
    return moved(state, level, _evidence(trend, unit), at)


def _evidence(trend: TrendRow, unit: str) -> Evidence:
    detail = (
        f"Drifted by {trend.change_percent or 0.0:+.1f}% over the window to {amount(trend.last_value, unit)}, "
        f"p = {trend.p_value:.2g}."
    )
    return Evidence(trend.last_value, None, trend.window_end, batch_id=trend.batch_id, detail=detail)


def _measured(
    rule: TrendRule, asked: SlopeSettings, state: RuleState, samples: Sequence[Sample], direction: Direction, unit: str
) -> Judged:
    """By the slope over the window before the newest sample; too few samples neither fire nor clear."""
    newest = samples[-1].observed_at if samples else None
    if newest is None or (state.evaluated_to is not None and newest <= state.evaluated_to):
        return state, ()
    window = [each for each in samples if each.observed_at > newest - asked.window]
    slope = slope_of(window) if len(window) >= asked.min_samples else None
    if slope is None:
        return state, ()
    level = _slope_level(rule, asked, slope, direction)
    detail = (
        f"Drifted by {slope.change:+.4g} to {amount(samples[-1].value, unit)}, {slope.per_day:+.3g} a day, "
        f"consistency {slope.consistency:+.2f}."
    )
    return moved(state, level, Evidence(samples[-1].value, None, newest, detail=detail), newest)


def _slope_level(rule: TrendRule, asked: SlopeSettings, slope: Slope, direction: Direction) -> Level:
    bad: Direction = direction
    if asked.min_slope_per_day:
        bad = "higher_is_better" if asked.min_slope_per_day < 0 else "lower_is_better"
    reached = (
        worsening(bad, slope.per_day) > 0
        and worsening(bad, slope.per_day) >= abs(asked.min_slope_per_day)
        and worsening(bad, slope.change) >= asked.min_change
        and worsening(bad, slope.consistency) >= asked.min_r
    )
    if not reached:
        return "ok"
    percent = worsening(bad, percent_change(slope.start, slope.start + slope.change))
    return graded(percent, 0.0, rule.critical_percent)
