"""Every kind of broken promise is refused with its reason; the good rows beside it are kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from quality_platform.ingestion.validation import checked
from quality_platform.model.batch import Batch, Source
from quality_platform.model.tables import RAW_TABLES

GOOD: dict[str, Any] = {
    "metric": "system.cpu_percent", "subject": "host", "labels": "{}", "value": 1.0, "kind": "gauge",
    "observed_at": datetime(2026, 1, 1, tzinfo=UTC),
}  # fmt: skip


def batch(table: str, *rows: dict[str, Any]) -> Batch:
    loose = pa.schema([field.with_nullable(True) for field in RAW_TABLES[table].schema])
    source = Source("host:h", "host", "demo", "h")
    return Batch("b", source, "test", "1", {}, {table: pa.Table.from_pylist(list(rows), schema=loose)})


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"metric": None}, "metric", "missing"),
        ({"observed_at": None}, "observed_at", "missing"),
        ({"value": float("nan")}, "value", "finite"),
        ({"value": float("inf")}, "value", "finite"),
        ({"kind": "colour"}, "kind", "gauge, rate, count"),
        ({"metric": "m" * 201}, "metric", "longer than 200"),
    ],
)
def test_a_bad_row_is_refused_with_its_field_and_reason(change: dict[str, Any], field: str, words: str) -> None:
    result = checked(batch("metric_samples", GOOD, {**GOOD, **change}, GOOD))
    assert result.tables["metric_samples"].num_rows == 2
    (refused,) = result.rejected
    assert (refused.table, refused.field, refused.position) == ("metric_samples", field, "row 1")
    assert words in refused.reason
    assert refused.original is not None
    assert refused.original.startswith(b"{")


def test_a_row_with_two_faults_is_refused_once() -> None:
    result = checked(batch("metric_samples", {**GOOD, "value": float("nan"), "kind": "colour"}))
    assert len(result.rejected) == 1
    assert result.row_count == 0


def test_bounds_hold_and_null_is_no_fault_where_it_is_allowed() -> None:
    base = {
        "blob_id": "b", "engine": "e", "analysed": True, "bytes": 1, "unparsed_bytes": 0, "maintainability_index": 100.0, "language": None,
    }  # fmt: skip
    result = checked(
        batch(
            "code_file_metrics", base, {**base, "maintainability_index": None}, {**base, "maintainability_index": 100.1},
            {**base, "bytes": -1},
        )
    )  # fmt: skip
    assert result.tables["code_file_metrics"].num_rows == 2
    assert [(r.field, r.reason) for r in result.rejected] == [
        ("bytes", "bytes is below 0"),
        ("maintainability_index", "maintainability_index is above 100"),
    ]


def test_a_good_batch_is_passed_on_as_it_is() -> None:
    given = batch("metric_samples", GOOD, GOOD)
    assert checked(given).tables["metric_samples"] is given.tables["metric_samples"]
