"""Rows of `marts.metric_anomalies`: what was unusual in a series as it came.

The detector uses nothing from the future, so what it once said stays: only reports on new observations are added.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from quality_platform.assessment.changes import verdict
from quality_platform.assessment.series import Observed
from quality_platform.detection.report import Detection
from quality_platform.detection.tasks import task
from quality_platform.model.change import worsening
from quality_platform.model.metrics import CATALOGUE


def anomaly_rows(one: Observed, now: datetime) -> Iterator[dict[str, object]]:
    """What is unusual in `one` and was reported after `one.judged_to`."""
    for found in task("anomalies").batch(one.times, one.values):
        if one.times[found.reported_at] > one.judged_to:
            yield _row(one, found, now)


def _row(one: Observed, found: Detection, now: datetime) -> dict[str, object]:
    key = one.series
    entry = CATALOGUE.find(key.metric)
    value, sign = float(one.values[found.index]), 1.0 if found.direction == "up" else -1.0
    return {
        "metric": key.metric, "project": key.project, "subject": key.subject, "labels": key.labels,
        "observed_at": one.instant(found.index), "reported_at": one.instant(found.reported_at),
        "value": value, "expected": value - found.effect, "score": sign * found.score, "p_value": found.p_value,
        "direction": verdict(worsening(entry.direction if entry else "neutral", sign)),
        "batch_id": None, "detected_at": now,
    }  # fmt: skip
