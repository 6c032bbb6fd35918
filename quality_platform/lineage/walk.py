"""The walk from one value of a metric to where it came from, as a tree of plain nodes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quality_platform.errors import UsageError
from quality_platform.lineage.origins import origins
from quality_platform.lineage.scanned import scanned
from quality_platform.lineage.steps import Node, raw_rows
from quality_platform.model.metric import Metric
from quality_platform.model.metrics import CATALOGUE
from quality_platform.warehouse.lake import Lake

MODELLED = "SELECT 1 FROM information_schema.tables WHERE table_catalog = 'marts' AND table_name = 'fct_observations'"
OBSERVATION = """
    SELECT * FROM marts.fct_observations
    WHERE metric = ? AND (? IS NULL OR project = ?) AND (? IS NULL OR subject = ?)
          AND (?::TIMESTAMPTZ IS NULL OR observed_at <= ?::TIMESTAMPTZ)
    ORDER BY observed_at DESC, project, subject, labels LIMIT 1
"""


def walk(
    lake: Lake, name: str, *, project: str | None = None, subject: str | None = None, at: datetime | None = None
) -> Node:
    """The way from the newest value of a metric (not later than `at`) to its sources; where no model has run yet, from
    the newest commit's.

    Raises UsageError when there is no such metric or no value.
    """
    metric = CATALOGUE.find(name)
    title = metric.name if metric else name
    is_modelled = bool(lake.rows(MODELLED))
    rows = lake.rows(OBSERVATION, [title, project, project, subject, subject, at, at]) if is_modelled else []
    if not rows and metric is not None and at is None and (found := scanned(lake, metric, project)) is not None:
        return found
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
    description = metric.description if metric else "Custom metric."
    return Node("model", name, {"description": description}, (raw_rows(lake, origins(lake, metric, value)),))


def _schema(model: str) -> str:
    for prefix, schema in (("stg_", "marts.staging."), ("int_", "marts.intermediate.")):
        if model.startswith(prefix):
            return schema
    return "marts."
