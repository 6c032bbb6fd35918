"""Column schema and column lineage of the models, computed from their SQL once per change of the project.

dagster-dbt asks the database about every model in every run; one query for all and a kept file cost nothing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from quality_platform.warehouse.lake import Lake

ColumnTypes = dict[str, dict[str, str]]
Lineage = dict[str, dict[str, list[tuple[str, str]]]]


def types(lake: Lake) -> ColumnTypes:
    """Types by relation (`marts.main.x`) and column, for everything in both catalogs."""
    rows = lake.rows(
        "SELECT database_name || '.' || schema_name || '.' || table_name AS relation, column_name, data_type "
        "FROM duckdb_columns() WHERE database_name IN ('raw', 'marts') ORDER BY relation, column_index"
    )
    found: ColumnTypes = {}
    for row in rows:
        found.setdefault(row["relation"], {})[row["column_name"]] = row["data_type"]
    return found


def schema(columns: Mapping[str, str], node: Mapping[str, Any]) -> dg.TableSchema:
    """A model's columns with the descriptions of the project."""
    described = {name: entry.get("description") or None for name, entry in node.get("columns", {}).items()}
    return dg.TableSchema([dg.TableColumn(name, kind, described.get(name)) for name, kind in columns.items()])


def lineage(manifest: Mapping[str, Any], target: Path, found: ColumnTypes) -> Lineage:
    """For each model and column, the relations and columns that it is made of; kept in dbt's target folder."""
    path = target / "column_lineage.json"
    if path.is_file():
        return dict(json.loads(path.read_text()))
    # of SQL that it cannot follow it warns at length; the model then has no lineage, which shows by itself
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    computed = {
        unique_id: _of_model(target, node, found)
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(computed))
    draft.replace(path)
    return computed


def _of_model(target: Path, node: Mapping[str, Any], found: ColumnTypes) -> dict[str, list[tuple[str, str]]]:
    import sqlglot
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    sql = _compiled(target, node)
    relation = f"{node['database']}.{node['schema']}.{node['alias'] or node['name']}"
    if sql is None or relation not in found:
        return {}
    try:
        expression = qualify(
            sqlglot.parse_one(sql, dialect="duckdb"),
            dialect="duckdb", schema=_nested(found), validate_qualify_columns=False,
        )  # fmt: skip
        scope = build_scope(expression)
        return {column: _sources(column, expression, scope) for column in found[relation]}
    except sqlglot.errors.SqlglotError:  # a construct that sqlglot cannot follow costs one model its lineage
        return {}


def _compiled(target: Path, node: Mapping[str, Any]) -> str | None:
    path = target / "compiled" / node["package_name"] / node["original_file_path"]
    return path.read_text() if path.is_file() else None


def _nested(found: ColumnTypes) -> dict[str, object]:
    nested: dict[str, Any] = {}
    for relation, columns in found.items():
        catalog, schema_name, table = relation.split(".", 2)
        nested.setdefault(catalog, {}).setdefault(schema_name, {})[table] = columns
    return nested


def _sources(column: str, expression: Any, scope: Any) -> list[tuple[str, str]]:
    from sqlglot import exp
    from sqlglot.lineage import lineage as trace

    try:
        node = trace(column, expression, schema={}, dialect="duckdb", scope=scope, trim_selects=False, copy=False)
    except (ValueError, KeyError):
        return []
    leaves = set()
    for leaf in node.walk():
        if isinstance(leaf.source, exp.Table) and not leaf.downstream:
            table = leaf.source
            relation = f"{table.catalog or 'marts'}.{table.db or 'main'}.{table.name}"
            leaves.add((relation, leaf.name.rsplit(".", 1)[-1].strip('"')))
    return sorted(leaves)


def as_metadata(columns: Mapping[str, list[tuple[str, str]]]) -> dg.TableColumnLineage:
    """A model's lineage in Dagster's form."""
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(asset_key=_key(relation), column_name=name) for relation, name in deps]
            for column, deps in columns.items()
            if deps
        }
    )


def _key(relation: str) -> dg.AssetKey:
    return dg.AssetKey([part for part in relation.split(".") if part != "main"])
