"""Tables of the lake from their contracts: made when missing, widened when a contract has grown."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from quality_platform.model.columns import Column, Table
from quality_platform.model.tables import BATCHES, RAW_TABLES
from quality_platform.model.tables_marts import MART_TABLES
from quality_platform.warehouse import prepared
from quality_platform.warehouse.catalogs import Catalog

Present = Mapping[str, frozenset[str]]


def ensure(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    """Make every table of `catalog` that has a contract; add columns that a table lacks."""
    present = _columns(connection, catalog)
    if catalog == "raw":
        _ensure(connection, "raw", present, BATCHES.name, BATCHES.columns, ())
        for table in RAW_TABLES.values():
            _ensure(connection, "raw", present, table.name, table.stored, table.sorted_by)
        return
    for schema in ("staging", "intermediate"):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS marts.{schema}")
    for table in MART_TABLES.values():
        _ensure(connection, "marts", present, table.name, table.columns, table.sorted_by)


def _ensure(
    connection: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    present: Present,
    name: str,
    columns: tuple[Column, ...],
    sorted_by: tuple[str, ...],
) -> None:
    if name not in present:
        definition = ", ".join(f"{column.name} {column.sql}" for column in columns)
        connection.execute(f"CREATE TABLE {catalog}.{name} ({definition})")
        if sorted_by:
            connection.execute(f"ALTER TABLE {catalog}.{name} SET SORTED BY ({', '.join(sorted_by)})")
        return
    for column in columns:
        if column.name not in present[name]:
            connection.execute(f"ALTER TABLE {catalog}.{name} ADD COLUMN {column.name} {column.sql}")


def _columns(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> Present:
    """Columns of every table there is, in one look: a look at each takes 20 ms a table."""
    rows = prepared.execute(
        connection,
        "SELECT table_name, list(column_name) FROM duckdb_columns() "
        "WHERE database_name = ? AND schema_name = 'main' GROUP BY table_name",
        [catalog],
    ).fetchall()
    return {name: frozenset(columns) for name, columns in rows}


def table_of(catalog: Catalog, name: str) -> Table | None:
    """The contract of a table, where it has one."""
    return RAW_TABLES.get(name) if catalog == "raw" else MART_TABLES.get(name)
