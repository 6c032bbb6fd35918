"""Rows of `marts.metric_trends`: the slow drift of a series that is long enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from quality_platform.assessment.series import Observed
from quality_platform.detection.steps.history import Change
from quality_platform.detection.trends.drifts import lasting_drift
from quality_platform.detection.trends.line import Trend, find_trend
from quality_platform.model.change import worsening
from quality_platform.model.metrics import CATALOGUE

# A level must have been kept so long, in observations, to be looked at by itself.
LEAST_SINCE_STEP = 30


def trend_rows(one: Observed, steps: Sequence[Change], now: datetime) -> Iterator[dict[str, object]]:
    """The drift of `one`, which has these steps; nothing where it is too short.

    Since the beginning of the drift that lasts, where there is one, or since the last step: over all that is looked
    at, a drift of late would drown in what was before it. Otherwise over all of it.
    """
    part = one.newest(len(one.values) - _beginning(one, steps))
    trend = find_trend(part.times, part.values)
    if trend is not None:
        yield _row(part, trend, now)


def _beginning(one: Observed, steps: Sequence[Change]) -> int:
    lasting = lasting_drift(one.values)
    if lasting is not None:
        return lasting.index
    step = steps[-1].index if steps else 0
    return step if len(one.values) - step >= LEAST_SINCE_STEP else 0


def _row(one: Observed, trend: Trend, now: datetime) -> dict[str, object]:
    key = one.series
    return {
        "metric": key.metric, "project": key.project, "subject": key.subject, "labels": key.labels,
        "window_start": one.instant(0), "window_end": one.instant(-1), "points": trend.n,
        "slope_per_day": trend.slope_per_day, "lower": trend.lower, "upper": trend.upper,
        "change_percent": trend.change_percent, "p_value": trend.p_value,
        "direction": _direction(key.metric, trend), "last_value": float(one.values[-1]), "line_value": trend.end_value,
        "batch_id": one.last_batch, "detected_at": now,
    }  # fmt: skip


def _direction(metric: str, trend: Trend) -> str:
    """Which way the drift goes for the metric; a drift smaller than its practical effect is flat."""
    entry = CATALOGUE.find(metric)
    least = entry.minimum_effect_percent if entry else 5.0
    if trend.direction == "flat" or abs(trend.change_percent) < least:
        return "flat"
    worse = worsening(entry.direction if entry else "neutral", trend.change_percent)
    return "neutral" if worse == 0 else "degrading" if worse > 0 else "improving"
