"""What a series looked like of late: its newest value, and enough points for a picture."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from quality_platform.alerting.conditions.relations import MART, Relation
from quality_platform.model.alerts import Sample, Series
from quality_platform.warehouse.lake import Lake

POINTS = 100


@dataclass(frozen=True, slots=True)
class Points:
    """The newest points of a series, oldest first."""

    times: tuple[datetime, ...] = ()
    values: tuple[float, ...] = ()


def latest(lake: Lake, series: Collection[Series]) -> dict[Series, Sample]:
    """The newest observation of each of `series` that has one."""
    found = points(lake, series, count=1)
    return {each: Sample(shown.times[-1], shown.values[-1]) for each, shown in found.items()}


def points(
    lake: Lake,
    series: Collection[Series],
    *,
    until: datetime | None = None,
    since: datetime | None = None,
    count: int = POINTS,
    relation: Relation = MART,
) -> dict[Series, Points]:
    """The newest `count` observations of each of `series`, after `since` and up to `until`."""
    if not series:
        return {}
    wanted = list(series)
    names = [[getattr(each, name) for each in wanted] for name in ("metric", "project", "subject", "labels")]
    return {
        Series(row["metric"], row["project"], row["subject"], row["labels"]): Points(
            tuple(row["instants"]), tuple(row["vals"])
        )
        for row in lake.rows(_SQL.format(relation=relation.sql), [*names, *relation.parameters, until, since, count])
    }


# the list of metrics beside the join lets DuckDB skip files and row groups
_SQL = """
WITH wanted AS (
    SELECT unnest(?::VARCHAR[]) AS metric, unnest(?::VARCHAR[]) AS project,
           unnest(?::VARCHAR[]) AS subject, unnest(?::VARCHAR[]) AS labels
),
newest AS (
    SELECT o.metric, o.project, o.subject, o.labels, o.observed_at, o.value
    FROM {relation} AS o SEMI JOIN wanted USING (metric, project, subject, labels)
    WHERE o.observed_at <= coalesce(?::TIMESTAMPTZ, 'infinity'::TIMESTAMPTZ)
        AND o.observed_at > coalesce(?::TIMESTAMPTZ, '-infinity'::TIMESTAMPTZ)
    QUALIFY row_number() OVER (
        PARTITION BY o.metric, o.project, o.subject, o.labels ORDER BY o.observed_at DESC
    ) <= ?
)
SELECT metric, project, subject, labels,
       list(observed_at ORDER BY observed_at) AS instants, list(value ORDER BY observed_at) AS vals
FROM newest GROUP BY ALL
"""
