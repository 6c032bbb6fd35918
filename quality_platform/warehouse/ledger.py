"""Appending a batch exactly once: its rows, what it refused and its ledger row are one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from quality_platform.model.batch import ORIGINAL_LIMIT, Appended, Batch
from quality_platform.model.columns import PROVENANCE
from quality_platform.model.tables import BATCHES, QUARANTINE, RAW_TABLES
from quality_platform.warehouse import prepared


def append(connection: duckdb.DuckDBPyConnection, batch: Batch, run_id: str | None) -> Appended:
    """Write `batch` inside the caller's transaction, under the `raw` lock; a batch that is there is left alone."""
    before = find(connection, batch.batch_id)
    if before is not None:
        return before
    now = datetime.now(UTC)
    snapshot = next_snapshot(connection)
    for name, rows in batch.tables.items():
        if rows.num_rows:
            _insert(connection, name, _with_provenance(rows.cast(RAW_TABLES[name].schema), batch, now))
    if batch.rejected:
        _insert(connection, QUARANTINE.name, _with_provenance(_quarantine(batch), batch, now))
    _insert(connection, BATCHES.name, _entry(batch, now, snapshot, run_id))
    return Appended(batch.batch_id, True, batch.row_count, len(batch.rejected), snapshot, now)


def append_next(connection: duckdb.DuckDBPyConnection, batches: Sequence[Batch], run_id: str | None) -> Appended:
    """Write `batches` as one, inside the caller's transaction, rows of one table together.

    Nobody looks whether they are there already: the caller goes on from the cursor that the newest of them holds.
    """
    now = datetime.now(UTC)
    snapshot = next_snapshot(connection)
    tables: dict[str, list[pa.Table]] = {}
    for batch in batches:
        for name, rows in batch.tables.items():
            if rows.num_rows:
                whole = _with_provenance(rows.cast(RAW_TABLES[name].schema), batch, now)
                tables.setdefault(name, []).append(whole)
        if batch.rejected:
            tables.setdefault(QUARANTINE.name, []).append(_with_provenance(_quarantine(batch), batch, now))
        tables.setdefault(BATCHES.name, []).append(_entry(batch, now, snapshot, run_id))
    for name, parts in tables.items():
        _insert(connection, name, pa.concat_tables(parts))
    rejected = sum(len(batch.rejected) for batch in batches)
    return Appended(batches[-1].batch_id, True, sum(batch.row_count for batch in batches), rejected, snapshot, now)


def find(connection: duckdb.DuckDBPyConnection, batch_id: str) -> Appended | None:
    """What the ledger says about `batch_id`, marked as not stored anew; None when it is unknown."""
    row = prepared.execute(
        connection,
        "SELECT row_count, rejected_count, snapshot_id, ingested_at FROM raw.batches WHERE batch_id = ?",
        [batch_id],
    ).fetchone()
    return Appended(batch_id, False, *row) if row else None


def next_snapshot(connection: duckdb.DuckDBPyConnection) -> int:
    """Number of the snapshot that the open transaction will make; exact because the lock is held."""
    row = connection.execute("SELECT max(snapshot_id) + 1 FROM raw.snapshots()").fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def _insert(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("incoming", rows)
    try:
        connection.execute(f"INSERT INTO raw.{name} BY NAME SELECT * FROM incoming")
    finally:
        connection.unregister("incoming")


def _with_provenance(rows: pa.Table, batch: Batch, now: datetime) -> pa.Table:
    values = (batch.source.project, batch.batch_id, batch.source.source_id, now)
    columns = [
        pa.repeat(pa.scalar(value, column.arrow.type), rows.num_rows)
        for column, value in zip(PROVENANCE, values, strict=True)
    ]
    return pa.table([*columns, *rows.columns], names=[*(column.name for column in PROVENANCE), *rows.column_names])


def _quarantine(batch: Batch) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "table_name": item.table,
                "position": item.position,
                "field": item.field,
                "reason": item.reason,
                "original": item.original[:ORIGINAL_LIMIT] if item.original is not None else None,
            }
            for item in batch.rejected
        ],
        schema=QUARANTINE.schema,
    )


def _entry(batch: Batch, now: datetime, snapshot: int, run_id: str | None) -> pa.Table:
    counts = {name: rows.num_rows for name, rows in batch.tables.items()}
    entry = {
        "project": batch.source.project,
        "batch_id": batch.batch_id,
        "source_id": batch.source.source_id,
        "ingested_at": now,
        "collector": batch.collector,
        "collector_version": batch.collector_version,
        "read_from": json.dumps(dict(batch.read_from), default=str, sort_keys=True),
        "row_count": batch.row_count,
        "rejected_count": len(batch.rejected),
        "tables": json.dumps(counts, sort_keys=True),
        "run_id": run_id,
        "snapshot_id": snapshot,
    }
    return pa.Table.from_pylist([entry], schema=BATCHES.schema)
