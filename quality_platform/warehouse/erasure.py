"""Taking single rows out of the lake so that no file holds them any more.

A DELETE of some rows only notes in a file of its own that they are gone (and has lost rows before); so the files that
hold them are replaced: what stays is written anew, the old files go whole. The count is checked in the transaction.

Belongs here: finding, replacing, and cleaning up what remembers. Does not belong here: whose rows these are
(`privacy/`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from quality_platform.errors import LakeError
from quality_platform.settings import Settings
from quality_platform.warehouse.catalogs import Catalog, metadata


@dataclass(frozen=True, slots=True)
class Place:
    """A stored table of a catalog."""

    catalog: Catalog
    schema: str
    table: str

    @property
    def sql(self) -> str:
        """Its name in SQL."""
        return f'{self.catalog}."{self.schema}"."{self.table}"'

    @property
    def address(self) -> str:
        """Its name as people write it: `raw.usage_events`, `marts.intermediate.int_usage_sessions`."""
        return ".".join(part for part in (self.catalog, self.schema, self.table) if part != "main")


def places_with(connection: duckdb.DuckDBPyConnection, catalog: Catalog, column: str) -> list[Place]:
    """Stored tables of `catalog`, no views, that have `column`."""
    rows = connection.execute(
        "SELECT DISTINCT schema_name, table_name FROM duckdb_columns() SEMI JOIN duckdb_tables() "
        "USING (database_name, schema_name, table_name) WHERE database_name = ? AND column_name = ? ORDER BY ALL",
        [catalog, column],
    ).fetchall()
    return [Place(catalog, schema, table) for schema, table in rows]


def erase(connection: duckdb.DuckDBPyConnection, place: Place, column: str, values: Collection[str]) -> int:
    """Remove the rows whose `column` is one of `values`, inside the caller's transaction, under the catalog's lock;
    returns how many. Raises LakeError when a count is not what it must be."""
    return _replace(connection, place.sql, column, list(values))


def _replace(connection: duckdb.DuckDBPyConnection, table: str, column: str, values: list[str]) -> int:
    mine = f"{column} IN (SELECT unnest(?))"
    matched = _number(connection, f"SELECT count(*) FROM {table} WHERE {mine}", values)
    if not matched:
        return 0
    before = _number(connection, f"SELECT count(*) FROM {table}")
    found = connection.execute(f"SELECT DISTINCT filename FROM {table} WHERE {mine}", [values]).fetchall()
    files = [name for (name,) in found]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE kept AS SELECT * FROM {table} "
        f"WHERE filename IN (SELECT unnest(?)) AND ({mine}) IS NOT TRUE",
        [files, values],
    )
    connection.execute(f"DELETE FROM {table} WHERE filename IN (SELECT unnest(?))", [files])
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM kept")
    connection.execute("DROP TABLE kept")
    left = _number(connection, f"SELECT count(*) FROM {table} WHERE {mine}", values)
    after = _number(connection, f"SELECT count(*) FROM {table}")
    if left or after != before - matched:
        raise LakeError(f"Erasing from {table} did not come out right; nothing was changed.")
    return matched


def _number(connection: duckdb.DuckDBPyConnection, sql: str, *values: list[str]) -> int:
    row = connection.execute(sql, list(values)).fetchone()
    return int(row[0]) if row else 0


def forget_history(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    """Forget all snapshots but the newest, and delete every file that it does not use. Needs the catalog's lock, no
    open transaction. A query that began before may fail for want of its files."""
    connection.execute(f"CALL ducklake_expire_snapshots('{catalog}', older_than => ?)", [datetime.now(UTC)])
    connection.execute(f"CALL ducklake_cleanup_old_files('{catalog}', cleanup_all => true)")
    # of writers that were killed before their commit; none is at work, because the lock is held
    connection.execute(f"CALL ducklake_delete_orphaned_files('{catalog}', cleanup_all => true)")


def narrow_statistics(connection: duckdb.DuckDBPyConnection, settings: Settings, place: Place) -> None:
    """Set the smallest and largest text that the catalog notes for each column to what is there now: DuckLake only
    ever widens them, so they may be an erased row's."""
    meta = metadata(settings, place.catalog)
    for table_id, column_id, column in _texts(connection, meta, place):
        row = connection.execute(f'SELECT min("{column}"), max("{column}") FROM {place.sql}').fetchone()
        connection.execute(
            f"UPDATE {meta}.ducklake_table_column_stats SET min_value = ?, max_value = ? "
            "WHERE table_id = ? AND column_id = ?",
            [*(row or (None, None)), table_id, column_id],
        )


def _texts(connection: duckdb.DuckDBPyConnection, meta: str, place: Place) -> list[tuple[int, int, str]]:
    """Table, number and name of the text columns of `place` that the catalog has notes on."""
    return connection.execute(
        f"SELECT stats.table_id, stats.column_id, columns.column_name FROM {meta}.ducklake_table_column_stats AS stats "
        f"JOIN {meta}.ducklake_column AS columns USING (table_id, column_id) "
        f"JOIN {meta}.ducklake_table AS tables USING (table_id) JOIN {meta}.ducklake_schema AS schemas "
        "ON schemas.schema_id = tables.schema_id WHERE tables.table_name = ? AND schemas.schema_name = ? "
        "AND columns.column_type = 'varchar' AND columns.end_snapshot IS NULL AND tables.end_snapshot IS NULL "
        "AND schemas.end_snapshot IS NULL",
        [place.table, place.schema],
    ).fetchall()


def rewrite_catalog(settings: Settings, catalog: Catalog) -> None:
    """Write the catalog's SQLite file anew, because deleted rows stay readable in its free pages."""
    if settings.postgres_url:
        return
    with closing(sqlite3.connect(settings.lake_dir / f"{catalog}.sqlite", timeout=30.0)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
