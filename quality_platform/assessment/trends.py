"""Rows of `marts.metric_trends`: the slow drift of a series that is long enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from quality_platform.assessment.series import Observed
from quality_platform.detection.drifts import lasting_drift
from quality_platform.detection.trends import Trend, find_trend
from quality_platform.model.change import worsening
from quality_platform.model.metrics import CATALOGUE


def trend_rows(one: Observed, now: datetime) -> Iterator[dict[str, object]]:
    """The drift of `one`; nothing where it is too short.

    Since the beginning of the drift that lasts, where there is one: over all that is looked at, a drift of late would
    drown in what was before it. Otherwise over all of it.
    """
    lasting = lasting_drift(one.values)
    part = one if lasting is None else one.newest(len(one.values) - lasting.index)
    trend = find_trend(part.times, part.values)
    if trend is not None:
        yield _row(part, trend, now)


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
