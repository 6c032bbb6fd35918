"""The lake's history of one metric, series by series, as columns.

One query a metric where it is small enough, else some for parts of the series: DuckDB holds what it groups in memory.
Belongs here: reading. Does not belong here: what is made of it (`alerting/backtest.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import duckdb
import numpy as np

from quality_platform.alerting.conditions.relations import IDENTITY, MART, Relation
from quality_platform.alerting.replaying.columns import Columns
from quality_platform.model.alerts import Sample, Series
from quality_platform.rules.regression import ChangeRow
from quality_platform.warehouse.lake import Lake

AT_ONCE = 6_000_000
"""Observations of one query: some 500 MB where DuckDB may have 1 GB."""

SERIES_A_BATCH = 64


def count(lake: Lake, metric: str, since: datetime, until: datetime, relation: Relation = MART) -> int:
    """How many observations there are."""
    sql = f"SELECT count(*) AS n FROM {relation.sql} WHERE metric = ? AND observed_at BETWEEN ? AND ?"
    return sum(int(row["n"]) for row in _rows(lake, sql, [*relation.parameters, metric, since, until]))


def series_of(lake: Lake, metrics: Collection[str], relation: Relation = MART) -> list[Series]:
    """Every series of `metrics` that has ever been observed."""
    if not metrics:
        return []
    sql = f"SELECT {', '.join(IDENTITY)} FROM {relation.sql} WHERE list_contains(?::VARCHAR[], metric) GROUP BY ALL"
    return [Series(*row.values()) for row in _rows(lake, sql, [*relation.parameters, list(metrics)])]


def quantiles(
    lake: Lake, metric: str, since: datetime, until: datetime, shares: Sequence[float], relation: Relation = MART
) -> dict[float, float]:
    """Quantiles of all values, nearly; none without a value."""
    sql = f"""SELECT approx_quantile(value, ?::FLOAT[]) AS found FROM {relation.sql}
        WHERE metric = ? AND observed_at BETWEEN ? AND ? AND isfinite(value)"""
    for row in _rows(lake, _constant(sql, shares), [*relation.parameters, metric, since, until]):
        return dict(zip(shares, row["found"] or (), strict=False))
    return {}


def history(
    lake: Lake, metric: str, since: datetime, until: datetime, observations: int, relation: Relation = MART
) -> Iterator[Columns]:
    """Each series of `metric` from `since` to `until`; `observations` is their `count`."""
    parts = max(-(-observations // AT_ONCE), 1)
    for part in range(parts):
        parameters = [*relation.parameters, metric, since, until, parts, part]
        with suppress(duckdb.CatalogException), lake.connect() as connection:
            found = connection.execute(_HISTORY.format(relation=relation.sql), parameters)
            for batch in found.to_arrow_reader(SERIES_A_BATCH):
                yield from _columns(metric, batch)


def steps_of(lake: Lake, metric: str) -> dict[Series, list[ChangeRow]]:
    """The steps that detection found in each series."""
    found: dict[Series, list[ChangeRow]] = {}
    for row in _rows(lake, _STEPS, [metric]):
        series = Series(metric, row["project"], row["subject"], row["labels"])
        found.setdefault(series, []).append(
            ChangeRow(row["changed_at"], row["before"], row["after"], row["commit_sha"], row["batch_id"])
        )
    return found


def beside(
    lake: Lake, metric: str, since: datetime, until: datetime, relation: Relation = MART
) -> dict[tuple[str, str, str], Sequence[Sample]]:
    """Samples of a metric that another one is held against, by project, subject and labels."""
    observations = count(lake, metric, since, until, relation)
    return {
        (each.series.project, each.series.subject, each.series.labels): each.samples()
        for each in history(lake, metric, since, until, observations, relation)
    }


def _columns(metric: str, batch: Any) -> Iterator[Columns]:
    names = [batch.column(name).to_pylist() for name in IDENTITY[1:]]
    instants, values = batch.column("instants"), batch.column("vals")
    for place, (project, subject, labels) in enumerate(zip(*names, strict=True)):
        at = instants[place].values.to_numpy(zero_copy_only=False)
        order = np.argsort(at, kind="stable")
        at, value = at[order], values[place].values.to_numpy(zero_copy_only=False)[order]
        first = np.concatenate(([True], np.diff(at) > 0))
        yield Columns(Series(metric, project, subject, labels), at[first], value[first])


def _rows(lake: Lake, sql: str, parameters: list[object]) -> list[dict[str, Any]]:
    try:
        return lake.rows(sql, parameters)
    except duckdb.CatalogException:  # the first transformation has not run
        return []


def _constant(sql: str, shares: Sequence[float]) -> str:
    """DuckDB takes quantiles as constants alone; they are numbers of our own."""
    return sql.replace("?::FLOAT[]", f"{[float(share) for share in shares]}", 1)


# without its type a parameter makes 128-bit numbers of the hashes, whose remainder takes fifteen times as long
_HISTORY = """
SELECT project, subject, labels, list(epoch_us(observed_at)) AS instants, list(coalesce(value, 'nan'::DOUBLE)) AS vals
FROM {relation}
WHERE metric = ? AND observed_at BETWEEN ? AND ? AND hash(project, subject, labels) % ?::UBIGINT = ?::UBIGINT
GROUP BY project, subject, labels
"""
_STEPS = """
SELECT project, subject, labels, changed_at, before, after, commit_sha, batch_id
FROM marts.metric_changes WHERE metric = ? ORDER BY changed_at
"""
