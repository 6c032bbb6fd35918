"""Samples that arrive in rounds, as the drain stores them, and at the same time as the mart shows them.

Belongs here: storing. Does not belong here: what is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from quality_platform.collectors.instants import microseconds
from quality_platform.collectors.rows import table_of
from quality_platform.model.batch import Batch, Source, batch_id
from quality_platform.model.tables_runtime import METRIC_SAMPLES
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import CPU, store

Point = tuple[str, datetime, float]
"""Subject, instant, value."""


def batch_of(project: str, points: Sequence[Point], *, metric: str = CPU, kind: str = "gauge") -> Batch:
    rows = [(metric, subject, "{}", microseconds(at), value, kind) for subject, at, value in points]
    identity = batch_id(project, metric, [str(point) for point in points])
    tables = {METRIC_SAMPLES.name: table_of(METRIC_SAMPLES, rows)}
    return Batch(identity, Source(f"live:{project}", "live", project, project), "live", "1", {}, tables)


def arrive(lake: Lake, project: str, points: Sequence[Point], *, in_mart: bool = False) -> Batch:
    """Store `points` as one batch."""
    batch = batch_of(project, points)
    lake.append_next([batch])
    if in_mart:
        rows = [
            {"metric": CPU, "project": project, "subject": subject, "labels": "{}", "observed_at": at, "value": value,
             "batch_id": batch.batch_id}
            for subject, at, value in points
        ]  # fmt: skip
        store(lake, pa.Table.from_pylist(rows))
    return batch
