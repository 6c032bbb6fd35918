"""Rows as tuples into an Arrow table of a raw table's schema.

Belongs here: the one conversion. Does not belong here: what the rows say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from quality_platform.model.columns import Table

if TYPE_CHECKING:
    import pyarrow as pa


def table_of(table: Table, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """The rows, values in the order of the columns, column by column. Instants are microseconds since 1970."""
    import pyarrow as pa

    schema = table.schema
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
