"""The newest stretch of every series of some metrics: for rules that look at how a series moved.

Belongs here: reading it, and detection's scores of it. Does not belong here: judging (`verdicts.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import duckdb

from quality_platform.alerting.conditions.relations import MART
from quality_platform.model.alerts import Sample, Series
from quality_platform.warehouse.lake import Lake

MOST = 1_000
"""Observations of one series: as many as detection judges."""

Recent = Mapping[Series, tuple[tuple[Sample, ...], Mapping[datetime, str | None]]]
"""Per series its samples by time, and the batch that brought each."""


def recent(lake: Lake, metrics: Collection[str], until: datetime) -> Recent:
    """The newest observations of every series of `metrics`, up to `until`."""
    if not metrics or not lake.exists:
        return {}
    try:
        rows = lake.rows(_RECENT, [list(metrics), until, MOST])
    except duckdb.CatalogException:  # the first transformation has not run
        return {}
    found = {}
    for row in rows:
        series = Series(row["metric"], row["project"], row["subject"], row["labels"])
        samples = tuple(Sample(at, value) for at, value in zip(row["instants"], row["vals"], strict=True))
        found[series] = samples, dict(zip(row["instants"], row["batches"], strict=True))
    return found


def scores(lake: Lake, metrics: Collection[str]) -> dict[Series, dict[datetime, float]]:
    """Detection's anomaly scores, positive above what was expected; empty where it has written none.

    Read from `marts.metric_anomalies`: the identity of a series, `observed_at` and `score`.
    """
    if not metrics or not lake.exists:
        return {}
    try:
        rows = lake.rows(_SCORES, [list(metrics)])
    except (duckdb.CatalogException, duckdb.BinderException):  # there is no such table, or one of another shape
        return {}
    found: dict[Series, dict[datetime, float]] = {}
    for row in rows:
        series = Series(row["metric"], row["project"], row["subject"], row["labels"])
        found.setdefault(series, {})[row["observed_at"]] = row["score"]
    return found


def releases(lake: Lake, projects: Collection[str]) -> dict[str, list[datetime]]:
    """When each project released, as far as its errors and sessions say: the first mention of each release."""
    if not projects or not lake.exists:
        return {}
    found: dict[str, list[datetime]] = {}
    for row in lake.rows(_RELEASES, [list(projects)]):
        found.setdefault(row["project"], []).append(row["released_at"])
    return found


_RECENT = f"""
WITH newest AS (
    SELECT metric, project, subject, labels, observed_at, value, batch_id
    FROM {MART.sql}
    WHERE list_contains(?::VARCHAR[], metric) AND observed_at <= ?::TIMESTAMPTZ
    QUALIFY row_number() OVER (PARTITION BY metric, project, subject, labels ORDER BY observed_at DESC, batch_id) <= ?
)
SELECT metric, project, subject, labels,
       list(observed_at ORDER BY observed_at) AS instants,
       list(value ORDER BY observed_at) AS vals,
       list(batch_id ORDER BY observed_at) AS batches
FROM newest GROUP BY ALL
"""
_SCORES = """
SELECT metric, project, subject, labels, observed_at, score
FROM marts.metric_anomalies WHERE list_contains(?::VARCHAR[], metric)
"""
_RELEASES = """
SELECT project, min(event_time) AS released_at
FROM raw.error_events
WHERE release IS NOT NULL AND list_contains(?::VARCHAR[], project)
GROUP BY project, release
ORDER BY released_at
"""
