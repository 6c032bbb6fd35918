"""Stores verdicts of the series that were judged; what the marts say of all others stays.

One transaction over all of them, so a run that is killed has judged nothing and the next finds the same to do. A mart
is emptied and filled again, since rows of DuckLake that are deleted one by one have come back (see
docs/architecture.md). Does not belong here: what the verdicts are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa

from quality_platform.assessment.series import ENGINE, KEY
from quality_platform.model.alerts import Series
from quality_platform.model.columns import Table
from quality_platform.model.tables_verdicts import (
    METRIC_ANOMALIES,
    METRIC_CHANGES,
    METRIC_FORECASTS,
    METRIC_TRENDS,
    SERIES_JUDGED,
)
from quality_platform.warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class Rows:
    """New rows of one mart."""

    table: Table
    rows: list[dict[str, object]] = field(default_factory=list)

    def arrow(self) -> pa.Table:
        """The rows in the types of the contract."""
        return pa.Table.from_pylist(self.rows, schema=self.table.schema)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Which rows of a series that is judged again stay, and the column with the observation that a row is about."""

    condition: str
    about: str | None = None


_KEYS = ", ".join(KEY)
_KEPT: Mapping[str, _Kept] = {
    # older than what was looked at again
    METRIC_CHANGES.name: _Kept("stored.changed_at < judged.judged_from", "changed_at"),
    METRIC_TRENDS.name: _Kept("false"),
    # said at the time, and not taken back
    METRIC_ANOMALIES.name: _Kept("stored.reported_at <= judged.judged_before", "observed_at"),
    # good until it is made again
    METRIC_FORECASTS.name: _Kept(f"({_KEYS}) NOT IN (SELECT ({_KEYS}) FROM incoming)"),
}


def revise(
    lake: Lake, waiting: pa.Table, judged_from: Mapping[Series, datetime], verdicts: Sequence[Rows], now: datetime
) -> None:
    """Replace the verdicts of the series in `waiting` (rows of `series.pending`) by these, and note them as judged."""
    looked_at = pa.Table.from_pylist(
        [
            {"metric": s.metric, "project": s.project, "subject": s.subject, "labels": s.labels, "judged_from": at}
            for s, at in judged_from.items()
        ],
        schema=pa.schema([SERIES_JUDGED.schema.field(name) for name in (*KEY, "judged_from")]),
    )
    with lake.writing("marts", "verdicts") as connection:
        connection.register("waiting", waiting)
        connection.register("looked_at", looked_at)
        connection.execute(_JUDGED)
        for rows in verdicts:
            _replace(connection, rows)
        _replace_ledger(connection, now)
        connection.execute("DROP TABLE judged")


def _replace(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    name, kept = rows.table.name, _KEPT[rows.table.name]
    connection.register("incoming", rows.arrow())
    connection.execute(_STAYS.format(mart=name, condition=kept.condition))
    connection.execute(f"DELETE FROM marts.{name}")
    connection.execute(f"INSERT INTO marts.{name} BY NAME SELECT * FROM stays")
    found = "SELECT * FROM incoming" if kept.about is None else _TRACED.format(about=kept.about)
    connection.execute(f"INSERT INTO marts.{name} BY NAME {found}")
    connection.execute("DROP TABLE stays")
    connection.unregister("incoming")


def _replace_ledger(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
    connection.execute(_STAYS.format(mart=SERIES_JUDGED.name, condition="false"))
    connection.execute(f"DELETE FROM marts.{SERIES_JUDGED.name}")
    connection.execute(f"INSERT INTO marts.{SERIES_JUDGED.name} BY NAME SELECT * FROM stays")
    connection.execute(_LEDGER, [ENGINE, now])
    connection.execute("DROP TABLE stays")


_JUDGED = f"""
CREATE TEMP TABLE judged AS
SELECT w.*, l.judged_from FROM waiting w LEFT JOIN looked_at l USING ({", ".join(KEY)})
"""
_STAYS = f"""
CREATE TEMP TABLE stays AS
SELECT stored.* FROM marts.{{mart}} stored LEFT JOIN judged USING ({", ".join(KEY)})
WHERE judged.points IS NULL OR (judged.points > 0 AND {{condition}})
"""
# the batch that brought the very observation
_TRACED = f"""
SELECT incoming.* REPLACE (coalesce(f.batch_id, incoming.batch_id) AS batch_id)
FROM incoming LEFT JOIN (
    SELECT {", ".join(KEY)}, observed_at, any_value(batch_id) AS batch_id
    FROM marts.fct_observations SEMI JOIN incoming USING ({", ".join(KEY)}) GROUP BY ALL
) f ON {" AND ".join(f"f.{name} = incoming.{name}" for name in KEY)} AND f.observed_at = incoming.{{about}}
"""
_LEDGER = f"""
INSERT INTO marts.{SERIES_JUDGED.name} BY NAME
SELECT {", ".join(KEY)}, points, judged_from, judged_to, fingerprint, $1::VARCHAR AS engine,
       $2::TIMESTAMPTZ AS judged_at
FROM judged WHERE points > 0
"""
