"""Judges every series that has something new, and stores the verdicts together with what has been judged.

Does not belong here: the verdicts themselves (`changes.py`, `trends.py`, `anomalies.py`,
`forecasts.py`), how they are stored
(`revision.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from quality_platform.assessment.anomalies import anomaly_rows
from quality_platform.assessment.changes import change_rows, commits_of, steps_of
from quality_platform.assessment.forecasts import due_of, forecast_rows
from quality_platform.assessment.revision import Rows, revise
from quality_platform.assessment.series import JUDGED_POINTS, observed, pending
from quality_platform.assessment.trends import trend_rows
from quality_platform.model.tables_verdicts import METRIC_ANOMALIES, METRIC_CHANGES, METRIC_FORECASTS, METRIC_TRENDS
from quality_platform.warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How many series were judged, and the new rows by mart."""

    series: int
    rows: Mapping[str, int] = field(default_factory=dict)


def judge_series(lake: Lake, now: datetime) -> Verdicts:
    """Judge what is pending. A value corrected in the past counts as new; a series that is gone loses its verdicts."""
    waiting = pending(lake)
    if waiting.num_rows == 0:
        return Verdicts(0)
    commits, due = commits_of(lake), due_of(lake)
    changes, trends, anomalies = Rows(METRIC_CHANGES), Rows(METRIC_TRENDS), Rows(METRIC_ANOMALIES)
    forecasts = Rows(METRIC_FORECASTS)
    started: list[datetime] = []
    seen = []
    for one in observed(lake, waiting):
        newest = one.newest(JUDGED_POINTS)
        seen.append(one.series)
        started.append(newest.instant(0))
        steps = steps_of(newest)
        changes.rows.extend(change_rows(newest, steps, commits, now))
        trends.rows.extend(trend_rows(newest, steps, now))
        anomalies.rows.extend(anomaly_rows(one, now))
        forecasts.rows.extend(forecast_rows(newest, due, now))
    verdicts = (changes, trends, anomalies, forecasts)
    revise(lake, waiting, dict(zip(seen, started, strict=True)), verdicts, now)
    return Verdicts(waiting.num_rows, {each.table.name: len(each.rows) for each in verdicts})
