"""`marts.metric_catalogue`, `project_catalogue`, `gate_conditions` and `debt_rules`: what the installed version and the
configuration know."""

from __future__ import annotations

from dataclasses import asdict

import pyarrow as pa

from quality_platform.model.addresses import without_credentials
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.debt import DEBT_RULES as RULES_OF_DEBT
from quality_platform.model.gate import DEFAULT_GATE
from quality_platform.model.metrics import CATALOGUE
from quality_platform.model.tables_marts import DEBT_RULES, GATE_CONDITIONS, METRIC_CATALOGUE, PROJECT_CATALOGUE
from quality_platform.warehouse.lake import Lake


def write_catalogue(lake: Lake, config: QualityConfig) -> tuple[int, ...]:
    """Replace each table where it differs from what is stored; returns their numbers of rows."""
    metrics = [{**asdict(metric), "metric": metric.name} for metric in CATALOGUE]
    projects = [
        {
            **project.model_dump(include={"name", "description", "owner", "status"}),
            "project": project.id,
            "repository": without_credentials(project.repository.url) if project.repository else None,
        }
        for project in config.projects
    ]
    # of two conditions on one measure the first counts
    conditions = {each.measure: each.model_dump() for each in reversed(config.gate or DEFAULT_GATE)}
    gate = [conditions[name] for name in sorted(conditions)]
    debt = [rule._asdict() for rule in RULES_OF_DEBT]
    tables = ((METRIC_CATALOGUE, metrics), (PROJECT_CATALOGUE, projects), (GATE_CONDITIONS, gate), (DEBT_RULES, debt))
    for contract, rows in tables:
        names = contract.schema.names
        table = pa.Table.from_pylist([{name: row[name] for name in names} for row in rows], schema=contract.schema)
        stored = lake.read(f"SELECT {', '.join(names)} FROM marts.{contract.name}")
        if stored.to_pylist() != table.to_pylist():
            lake.replace(contract.name, table)
    return tuple(len(rows) for _, rows in tables)
