"""All verdicts on one series: rows for every mart, from its points alone.

Belongs here: what is asked of a series, and what the verdicts share. Does not belong here: each verdict (`changes.py`,
`trends.py`, `anomalies.py`, `forecasts.py`), which series (`judging.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from quality_platform.assessment.anomalies import anomaly_rows
from quality_platform.assessment.changes import Commits, change_rows, steps_of
from quality_platform.assessment.forecasts import forecast_rows
from quality_platform.assessment.series import JUDGED_POINTS, Observed
from quality_platform.assessment.trends import trend_rows
from quality_platform.model.alerts import Series
from quality_platform.model.tables_verdicts import METRIC_ANOMALIES, METRIC_CHANGES, METRIC_FORECASTS, METRIC_TRENDS

TABLES = (METRIC_CHANGES, METRIC_TRENDS, METRIC_ANOMALIES, METRIC_FORECASTS)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known beside the points: commits by instant, until when forecasts are good, and the present."""

    commits: Commits
    due: Mapping[Series, float]
    now: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """A series, the instant of the oldest point looked at, and its rows by mart."""

    series: Series
    started: datetime
    rows: Mapping[str, list[dict[str, object]]]


def judge(series: Iterable[Observed], known: Knowledge) -> list[Judged]:
    """The verdicts on each of `series`."""
    return [_judge(one, known) for one in series]


def _judge(one: Observed, known: Knowledge) -> Judged:
    newest = one.newest(JUDGED_POINTS)
    steps = steps_of(newest)
    rows = {
        METRIC_CHANGES.name: [*change_rows(newest, steps, known.commits, known.now)],
        METRIC_TRENDS.name: [*trend_rows(newest, steps, known.now)],
        METRIC_ANOMALIES.name: [*anomaly_rows(one, known.now)],
        METRIC_FORECASTS.name: [*forecast_rows(newest, known.due, known.now)],
    }
    return Judged(one.series, newest.instant(0), rows)
