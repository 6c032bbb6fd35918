"""`marts.metric_catalogue` and `marts.project_catalogue`: what the installed version and the configuration know."""

from __future__ import annotations

from dataclasses import asdict

import pyarrow as pa

from quality_platform.model.addresses import without_credentials
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.metrics import CATALOGUE
from quality_platform.model.tables_marts import METRIC_CATALOGUE, PROJECT_CATALOGUE
from quality_platform.warehouse.lake import Lake


def write_catalogue(lake: Lake, config: QualityConfig) -> tuple[int, int]:
    """Replace both tables where they differ from what is stored; returns their numbers of rows."""
    metrics = [{**asdict(metric), "metric": metric.name} for metric in CATALOGUE]
    projects = [
        {
            **project.model_dump(include={"name", "description", "owner", "status"}),
            "project": project.id,
            "repository": without_credentials(project.repository.url) if project.repository else None,
        }
        for project in config.projects
    ]
    for contract, rows in ((METRIC_CATALOGUE, metrics), (PROJECT_CATALOGUE, projects)):
        names = contract.schema.names
        table = pa.Table.from_pylist([{name: row[name] for name in names} for row in rows], schema=contract.schema)
        stored = lake.read(f"SELECT {', '.join(names)} FROM marts.{contract.name}")
        if stored.to_pylist() != table.to_pylist():
            lake.replace(contract.name, table)
    return len(metrics), len(projects)
