"""The cheap check of every batch: each column against its contract, vectorised; bad rows go to quarantine.

Great Expectations judges what is stored, hourly and in full runs; this judges what comes in, always.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from quality_platform.model.batch import ORIGINAL_LIMIT, Batch, Rejected
from quality_platform.model.columns import Column
from quality_platform.model.tables import RAW_TABLES


def checked(batch: Batch) -> Batch:
    """`batch` with the rows that keep their contracts; the others are added to `rejected` with the reason."""
    tables: dict[str, pa.Table] = {}
    rejected = list(batch.rejected)
    for name, rows in batch.tables.items():
        good, refused = _split(name, rows)
        tables[name] = good
        rejected.extend(refused)
    return replace(batch, tables=tables, rejected=tuple(rejected))


def _split(name: str, rows: pa.Table) -> tuple[pa.Table, list[Rejected]]:
    faults = list(_faults(name, rows))
    if not faults:
        return rows, []
    bad = pa.array([False] * rows.num_rows)
    refused: list[Rejected] = []
    for column, mask, reason in faults:
        fresh = pc.and_not(mask, bad)  # a row is reported once, for its first fault
        refused.extend(_report(name, rows, column, fresh, reason))
        bad = pc.or_(bad, mask)
    return rows.filter(pc.invert(bad)), refused


def _faults(name: str, rows: pa.Table) -> Iterator[tuple[str, pa.Array, str]]:
    for column in RAW_TABLES[name].columns:
        values = rows.column(column.name).combine_chunks()
        for broken, reason in _rules(column, values):
            mask = pc.fill_null(broken, False)
            if pc.any(mask).as_py():
                yield column.name, mask, reason


def _rules(column: Column, values: pa.Array) -> Iterator[tuple[pa.Array, str]]:
    if column.required:
        yield pc.is_null(values), f"{column.name} is missing; it is required"
    if pa.types.is_floating(values.type):
        yield pc.invert(pc.is_finite(values)), f"{column.name} is not a finite number"
    if column.minimum is not None:
        yield pc.less(values, column.minimum), f"{column.name} is below {column.minimum:g}"
    if column.maximum is not None:
        yield pc.greater(values, column.maximum), f"{column.name} is above {column.maximum:g}"
    if column.allowed:
        yield (
            pc.invert(pc.is_in(values, pa.array((*column.allowed, None), pa.string()))),
            f"{column.name} must be one of {', '.join(column.allowed)}",
        )
    if column.max_length is not None:
        yield pc.greater(pc.utf8_length(values), column.max_length), f"{column.name} is longer than {column.max_length}"


def _report(name: str, rows: pa.Table, column: str, mask: pa.Array, reason: str) -> Iterator[Rejected]:
    numbers = pc.indices_nonzero(mask)
    for number, row in zip(numbers.to_pylist(), rows.take(numbers).to_pylist(), strict=True):
        original = orjson.dumps(row, default=str)[:ORIGINAL_LIMIT]
        yield Rejected(table=name, position=f"row {number}", reason=reason, field=column, original=original)
