"""`marts.bottlenecks`: which routes, queries and resources explain the slow time of each project, and how sure that is.

Written anew: what is slow is a matter of the newest hours. Does not belong here: reading (`slowness/`),
arithmetic (`detection/`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quality_platform.assessment.slowness.calls import is_due, newest, period
from quality_platform.assessment.slowness.resources import uses
from quality_platform.assessment.slowness.words import evidence
from quality_platform.detection.rank_correlation import rank_correlation
from quality_platform.detection.slow_time import call_scores, resource_scores
from quality_platform.model.tables_explanations import BOTTLENECKS
from quality_platform.warehouse.lake import Lake

Floats = NDArray[np.float64]
Row = dict[str, Any]

PERIODS = {"24h": 24, "7d": 168}
# Of a kind and project: more nobody reads.
MOST = 20
# Share of the bins that counts as slow.
SLOWEST = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """p95 of a project's requests by bin, in the order of time: `bins` int64 and `p95` float64, shape (n,)."""

    bins: NDArray[np.int64]
    p95: Floats

    def beside(self, bins: list[int], measured: list[float], otherwise: float) -> Floats:
        """What was measured in each of these bins; `otherwise` where nothing was."""
        found = np.full(len(self.bins), otherwise)
        places = np.searchsorted(self.bins, bins)
        known = np.isin(bins, self.bins)
        found[places[known]] = np.asarray(measured, dtype=np.float64)[known]
        return found

    def when_slow(self, measured: Floats) -> float:
        """Mean of what was measured in the slowest tenth; NaN where it is unknown there."""
        slow = measured[self.p95 >= np.quantile(self.p95, 1 - SLOWEST)] if len(measured) else measured
        return float(np.nanmean(slow)) if np.isfinite(slow).any() else np.nan


def write_bottlenecks(lake: Lake, now: datetime) -> int:
    """Look for bottlenecks of every project with requests; returns the number of new rows.

    A week is long to read and moves slowly: its rows stay for an hour of data.
    """
    with lake.connect() as connection:
        newest(connection)
        due = {name: hours for name, hours in PERIODS.items() if is_due(connection, name, hours)}
        rows = [row for name, hours in due.items() for row in _of_period(connection, name, hours, now)]
        stays = connection.execute(_STAYS, [list(due)]).to_arrow_table().cast(BOTTLENECKS.schema)
    if due:
        lake.replace(BOTTLENECKS.name, pa.concat_tables([stays, pa.Table.from_pylist(rows, BOTTLENECKS.schema)]))
    return len(rows)


def _of_period(connection: duckdb.DuckDBPyConnection, name: str, hours: int, now: datetime) -> Iterator[Row]:
    calls = _together(connection, period(connection, hours).to_pylist(), otherwise=0.0)
    resources = _together(connection, uses(connection).to_pylist(), otherwise=np.nan)
    _score(calls, call_scores(*_columns(calls, "share_of_time", "share_of_tail", "correlation", "p_value")))
    _score(resources, resource_scores(*_columns(resources, "use_when_slow", "correlation", "p_value")))
    totals = {row["project"]: row for row in connection.execute(_TOTALS).to_arrow_table().to_pylist()}
    for row in _ranked([*calls, *resources]):
        shared = totals[row["project"]]
        told = {**row, **shared, "period": name, "detected_at": now}
        yield {**{key: told.get(key) for key in BOTTLENECKS.schema.names}, "evidence": evidence(told)}


def _together(connection: duckdb.DuckDBPyConnection, rows: list[Row], *, otherwise: float) -> list[Row]:
    """`rows` with their correlation with the p95 of their project's requests. A call that was not made took no time,
    a resource that was not measured had some use."""
    paces = {
        row["project"]: Pace(np.array(row["bins"], dtype=np.int64), np.array(row["p95"], dtype=np.float64))
        for row in connection.execute(_PACES).to_arrow_table().to_pylist()
    }
    for row in rows:
        pace = paces.get(row["project"], Pace(np.empty(0, dtype=np.int64), np.empty(0)))
        measured = pace.beside(row.pop("bins"), row.pop("measured"), otherwise)
        found = rank_correlation(measured, pace.p95)
        slow = pace.when_slow(measured) if row["kind"] == "resource" else np.nan
        row["use_when_slow"] = None if np.isnan(slow) else slow
        row |= {"correlation": None, "p_value": None, "bins": None}
        if found is not None:
            row |= {"correlation": found.rho, "p_value": found.p_value, "bins": found.pairs}
    return rows


def _columns(rows: list[Row], *names: str) -> Iterator[Floats]:
    yield from (np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float) for name in names)


def _score(rows: list[Row], scores: Floats) -> None:
    for row, score in zip(rows, scores.tolist(), strict=True):
        row["score"] = score


def _ranked(rows: list[Row]) -> Iterator[Row]:
    """The best of each kind and project, with their places over all kinds."""
    places: Counter[str] = Counter()
    of_kind: Counter[tuple[str, str]] = Counter()
    for row in sorted(rows, key=lambda row: (row["project"], -row["score"], row["kind"], row["service"], row["name"])):
        of_kind[row["project"], row["kind"]] += 1
        if of_kind[row["project"], row["kind"]] <= MOST:
            places[row["project"]] += 1
            yield {**row, "rank": places[row["project"]]}


# of projects that still have requests
_STAYS = f"""
SELECT {", ".join(BOTTLENECKS.schema.names)} FROM marts.{BOTTLENECKS.name} SEMI JOIN ends USING (project)
WHERE NOT list_contains($1::VARCHAR[], period)
"""
_PACES = "SELECT project, list(bin ORDER BY bin) AS bins, list(p95_ms ORDER BY bin) AS p95 FROM pace GROUP BY project"
_TOTALS = "SELECT project, p95_ms AS requests_p95_ms, window_start, window_end FROM totals"
