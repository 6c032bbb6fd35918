"""The trend rule: a metric drifts in its bad direction, more than so many per cent over the judged window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quality_platform.model.alerts import Evidence, RuleState, Sample
from quality_platform.model.change import worsening
from quality_platform.model.metric import Direction
from quality_platform.model.rules import TrendRule
from quality_platform.rules.levels import Judged, amount, graded, moved


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
) -> Judged:
    """Judge a series by its trend; None (too short, or constant by now) clears what fires.

    `latest` is the newest observation of the series. A verdict older than one judged before is ignored, and
    the same verdict again changes nothing.
    """
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
