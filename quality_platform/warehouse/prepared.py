"""Runs a statement with parameters without pandas.

To bind a Python value, of whatever type, DuckDB's Python client imports pandas first: 0.3 s that a quick command has
not. So the statement is prepared, and executed with the values written as SQL. Does not belong here: which statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb


def execute(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()
) -> duckdb.DuckDBPyConnection:
    """Execute `sql`, whose `?` stand for the `parameters`, on `connection`. Raises duckdb.Error."""
    if not parameters:
        return connection.execute(sql)
    values = [literal(value) for value in parameters]
    if None in values:
        return connection.execute(sql, parameters)
    connection.execute(f"PREPARE asked AS {sql}")
    return connection.execute(f"EXECUTE asked({', '.join(filter(None, values))})")


def rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
    """Result of `sql` as Python values, for the few rows that people or plain code look at.

    Not by way of Arrow, whose conversion of instants imports pandas: 0.4 s that a quick command has not.
    """
    found = execute(connection, sql, parameters)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def literal(value: object) -> str | None:
    """The value as SQL, for statements that cannot be prepared too; None for what has to be bound."""
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str() if "\0" not in value:
            return "'" + value.replace("'", "''") + "'"
        case datetime() if value.tzinfo is not None:
            return f"TIMESTAMPTZ '{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"
        case _:
            return None
