"""Observations that have not been judged yet, in one query for all rules.

Belongs here: which rows a threshold evaluation needs. Does not belong here: judging them (`thresholds.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from quality_platform.alerting.conditions.relations import MART, Relation
from quality_platform.model.alerts import Sample, Series
from quality_platform.warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read of a metric: observations in (`since`, `until`].

    With those that are new come `company` before them, since a rule counts them; of a series never seen
    before, the newest `company` + 1 and everything in the `first` stretch of time before its newest. `stretch` before
    the first new one everything is read, for rules that look at a window.
    """

    metric: str
    since: datetime | None
    until: datetime
    company: int
    first: timedelta
    stretch: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A series with something new: samples by time, and the batch that brought each, by instant."""

    series: Series
    samples: tuple[Sample, ...]
    batches: Mapping[datetime, str | None]


def fresh(
    lake: Lake, wanted: Sequence[Wanted], judged: Mapping[Series, datetime], relation: Relation = MART
) -> Iterator[Fresh]:
    """Series with an observation later than `judged` says, or not in it at all.

    Empty where `relation` has not been made yet.
    """
    if not wanted or not lake.exists:
        return
    # apart, so that samples, of which there are many, are read from one instant on and old files are left alone
    for part in ([each for each in wanted if each.since], [each for each in wanted if not each.since]):
        if part:
            floor = min((each.since for each in part if each.since), default=None)
            parameters = [*_transposed(part), *_columns(judged), *relation.parameters, floor]
            yield from _read(lake, _SQL.format(relation=relation.sql), parameters)


def _read(lake: Lake, sql: str, parameters: list[object]) -> Iterator[Fresh]:
    try:
        rows = lake.rows(sql, parameters)
    except duckdb.CatalogException:  # the first transformation has not run; to ask before costs 10 ms each time
        return
    for row in rows:
        instants, values = row["instants"], row["vals"]
        yield Fresh(
            Series(row["metric"], row["project"], row["subject"], row["labels"]),
            tuple(Sample(at, value) for at, value in zip(instants, values, strict=True)),
            dict(zip(instants, row["batches"], strict=True)),
        )


def _transposed(wanted: Sequence[Wanted]) -> list[object]:
    return [
        [each.metric for each in wanted],
        [each.since for each in wanted],
        [each.until for each in wanted],
        [each.company for each in wanted],
        [each.first for each in wanted],
        [each.stretch for each in wanted],
    ]


def _columns(judged: Mapping[Series, datetime]) -> list[object]:
    return [
        [series.metric for series in judged],
        [series.project for series in judged],
        [series.subject for series in judged],
        [series.labels for series in judged],
        list(judged.values()),
    ]


_SQL = """
WITH wanted AS (
    SELECT unnest(?::VARCHAR[]) AS metric, unnest(?::TIMESTAMPTZ[]) AS since, unnest(?::TIMESTAMPTZ[]) AS until,
           unnest(?::BIGINT[]) AS company, unnest(?::INTERVAL[]) AS first_stretch,
           unnest(?::INTERVAL[]) AS stretch
),
judged AS (
    SELECT unnest(?::VARCHAR[]) AS metric, unnest(?::VARCHAR[]) AS project, unnest(?::VARCHAR[]) AS subject,
           unnest(?::VARCHAR[]) AS labels, unnest(?::TIMESTAMPTZ[]) AS judged_to
),
seen AS (
    SELECT o.metric, o.project, o.subject, o.labels, o.observed_at, o.value, o.batch_id,
           wanted.company, wanted.first_stretch, wanted.stretch, judged.judged_to
    FROM {relation} AS o
    JOIN wanted ON o.metric = wanted.metric AND o.observed_at <= wanted.until
        AND (wanted.since IS NULL OR o.observed_at > wanted.since)
    LEFT JOIN judged
        ON o.metric = judged.metric AND o.project = judged.project
        AND o.subject = judged.subject AND o.labels = judged.labels
    WHERE o.observed_at > coalesce(?::TIMESTAMPTZ, '-infinity'::TIMESTAMPTZ)
),
ranked AS (
    SELECT *,
        row_number() OVER (PARTITION BY metric, project, subject, labels ORDER BY observed_at DESC, batch_id) AS place,
        max(observed_at) OVER whole AS newest,
        count(*) FILTER (observed_at > judged_to) OVER whole AS news,
        min(observed_at) FILTER (observed_at > judged_to) OVER whole AS first_new
    FROM seen
    WINDOW whole AS (PARTITION BY metric, project, subject, labels)
)
SELECT metric, project, subject, labels,
       list(observed_at ORDER BY place DESC) AS instants,
       list(value ORDER BY place DESC) AS vals,
       list(batch_id ORDER BY place DESC) AS batches
FROM ranked
WHERE CASE
    WHEN judged_to IS NULL THEN place <= company + 1 OR observed_at > newest - first_stretch
    ELSE news > 0 AND (place <= news + company OR observed_at > first_new - stretch)
END
GROUP BY ALL
ORDER BY ALL
"""
