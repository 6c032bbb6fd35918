"""The walk from one value of a metric to where it came from, as a tree of plain nodes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from quality_platform.errors import UsageError
from quality_platform.lineage.origins import Origin, origins
from quality_platform.model.metric import Metric
from quality_platform.model.metrics import CATALOGUE
from quality_platform.warehouse.lake import Lake

OBSERVATION = """
    SELECT * FROM marts.fct_observations
    WHERE metric = ? AND (? IS NULL OR project = ?) AND (? IS NULL OR subject = ?)
          AND (?::TIMESTAMPTZ IS NULL OR observed_at <= ?::TIMESTAMPTZ)
    ORDER BY observed_at DESC, project, subject, labels LIMIT 1
"""
BATCHES = "SELECT * FROM raw.batches WHERE batch_id IN (SELECT unnest(?)) ORDER BY snapshot_id DESC LIMIT 50"


@dataclass(frozen=True, slots=True)
class Node:
    """A step of the walk: what it is, its name, facts about it, and the steps behind it."""

    kind: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    children: tuple[Node, ...] = ()


def walk(
    lake: Lake, name: str, *, project: str | None = None, subject: str | None = None, at: datetime | None = None
) -> Node:
    """The way from the newest value of a metric (not later than `at`) to its sources.

    Raises UsageError when there is no such metric or no value.
    """
    metric = CATALOGUE.find(name)
    title = metric.name if metric else name
    rows = lake.rows(OBSERVATION, [title, project, project, subject, subject, at, at])
    if not rows:
        CATALOGUE.get(name)
        raise UsageError(
            f"{title} has no value there.", hint='`quality-platform sql "from marts.dim_metric"` lists what has.'
        )
    value = rows[0]
    unit = f" {metric.unit}" if metric else ""
    facts = {key: value[key] for key in ("project", "subject", "labels", "observed_at")}
    return Node("value", f"{title} = {value['value']:,.6g}{unit}", facts, (_model(lake, metric, value),))


def _model(lake: Lake, metric: Metric | None, value: dict[str, Any]) -> Node:
    model = metric.source_model if metric else "stg_metric_samples"
    column = metric.source_column if metric else "value"
    name = f"{_schema(model)}{model}.{column}"
    found = origins(lake, metric, value)
    raw = Node("raw rows", f"raw.{found.table}", {"rows": found.rows}, _rows(lake, found))
    return Node("model", name, {"description": metric.description if metric else "Custom metric."}, (raw,))


def _schema(model: str) -> str:
    for prefix, schema in (("stg_", "marts.staging."), ("int_", "marts.intermediate.")):
        if model.startswith(prefix):
            return schema
    return "marts."


def _rows(lake: Lake, found: Origin) -> tuple[Node, ...]:
    shown = tuple(Node("row", text) for text in found.examples)
    return (*shown, *_batches(lake, found.batch_ids))


def _batches(lake: Lake, batch_ids: Sequence[str]) -> tuple[Node, ...]:
    rows = lake.rows(BATCHES, [list(batch_ids)])
    return tuple(_batch(row) for row in rows)


def _batch(row: dict[str, Any]) -> Node:
    facts = {
        "collector": f"{row['collector']} {row['collector_version']}",
        "ingested_at": row["ingested_at"],
        "snapshot_id": row["snapshot_id"],
        "rows": row["row_count"],
    }
    source = Node("source", row["source_id"], dict(json.loads(row["read_from"])))
    run = Node("run", row["run_id"] or "outside a run (sensor or command line)", {}, (source,))
    return Node("batch", row["batch_id"], facts, (run,))
