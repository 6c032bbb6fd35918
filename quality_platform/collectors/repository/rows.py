"""Rows as Arrow tables in the form of their contract."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from quality_platform.model.tables import RAW_TABLES


def table(name: str, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    """`rows`, whose values stand in the order of the columns, as the raw table `name`."""
    schema = RAW_TABLES[name].schema
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
