"""The models as one step: dbt runs once, in this process, and every model becomes a materialisation."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import build_dbt_asset_specs

from quality_platform.defs.dbt import columns, project
from quality_platform.defs.dbt.runner import NodeResult, invoke
from quality_platform.defs.dbt.translator import Translator
from quality_platform.defs.platform import Platform
from quality_platform.settings import Settings


def assets(settings: Settings) -> tuple[dg.AssetsDefinition, ...]:
    """The models, and their tests as asset checks in a step of their own."""
    # fixed now: an edit of the models counts when the code location is loaded again, never half
    place, manifest = project.target(settings), project.manifest(settings)
    specs = build_dbt_asset_specs(manifest=manifest, dagster_dbt_translator=Translator())
    by_id = {spec.metadata["dagster_dbt/unique_id"]: spec for spec in specs}
    return _models(place, manifest, by_id), _tests(place, manifest, _check_specs(manifest, by_id))


def _models(place: Path, manifest: Mapping[str, Any], by_id: Mapping[str, dg.AssetSpec]) -> dg.AssetsDefinition:
    @dg.multi_asset(name="dbt_models", specs=list(by_id.values()), can_subset=True)
    def dbt_models(
        context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.MaterializeResult[None]]:
        wanted = [unique_id for unique_id, spec in by_id.items() if spec.key in context.selected_asset_keys]
        results = _invoke(platform, place, ["run", *_selection(manifest, wanted, len(by_id))])
        found = columns.types(platform.lake)
        lineage = columns.lineage(manifest, place, found)
        counts = _row_counts(platform)
        snapshot = platform.lake.snapshot_id("marts")
        for result in results:
            if result.ok and result.unique_id in by_id:
                node = manifest["nodes"][result.unique_id]
                facts = _metadata(node, found, lineage.get(result.unique_id, {}), counts)
                yield dg.MaterializeResult(
                    asset_key=by_id[result.unique_id].key,
                    metadata={**facts, "seconds": result.seconds, "snapshot_id": snapshot},
                )
        _raise_for(results)

    return dbt_models


def _tests(place: Path, manifest: Mapping[str, Any], by_test: Mapping[str, dg.AssetCheckSpec]) -> dg.AssetsDefinition:
    # a run of some models takes their tests along, so the step must be able to do a part of them
    @dg.multi_asset_check(name="dbt_tests", specs=list(by_test.values()), can_subset=True)
    def dbt_tests(
        context: dg.AssetCheckExecutionContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.AssetCheckResult]:
        wanted = [name for name, spec in by_test.items() if spec.key in context.selected_asset_check_keys]
        selection = _selection(manifest, wanted, len(by_test)) or ["--exclude", "test_type:unit"]
        for result in _invoke(platform, place, ["test", *selection]):
            spec = by_test.get(result.unique_id)
            if spec is not None:
                facts: dict[str, Any] = {
                    "failures": result.failures or 0,
                    "message": result.message,
                    "seconds": result.seconds,
                }
                yield dg.AssetCheckResult(
                    check_name=spec.name, asset_key=spec.asset_key, passed=result.ok, metadata=facts
                )

    return dbt_tests


def _check_specs(manifest: Mapping[str, Any], by_id: Mapping[str, dg.AssetSpec]) -> dict[str, dg.AssetCheckSpec]:
    """One check per data test that belongs to a model."""
    return {
        unique_id: dg.AssetCheckSpec(
            name=node["name"], asset=by_id[node["attached_node"]].key, description=node.get("description") or None
        )
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "test" and node.get("attached_node") in by_id
    }


def _invoke(platform: Platform, place: Path, arguments: list[str]) -> tuple[NodeResult, ...]:
    return invoke(platform.settings, project.folder(), place, arguments)


def _selection(manifest: Mapping[str, Any], wanted: list[str], total: int) -> list[str]:
    if len(wanted) == total:
        return []
    return ["--select", *(".".join(manifest["nodes"][unique_id]["fqn"]) for unique_id in wanted)]


def _row_counts(platform: Platform) -> dict[str, int]:
    rows = platform.lake.rows(
        "SELECT database_name || '.' || schema_name || '.' || table_name AS relation, estimated_size AS n "
        "FROM duckdb_tables() WHERE database_name = 'marts'"
    )
    return {row["relation"]: int(row["n"] or 0) for row in rows}


def _metadata(
    node: Mapping[str, Any],
    found: columns.ColumnTypes,
    lineage: Mapping[str, list[tuple[str, str]]],
    counts: Mapping[str, int],
) -> dict[str, Any]:
    relation = f"{node['database']}.{node['schema']}.{node['alias'] or node['name']}"
    facts: dict[str, Any] = {
        "dagster/column_schema": columns.schema(found.get(relation, {}), node),
        "dagster/column_lineage": columns.as_metadata(lineage),
    }
    if relation in counts:
        facts["dagster/row_count"] = counts[relation]
    return facts


def _raise_for(results: tuple[NodeResult, ...]) -> None:
    failed = [result for result in results if result.status in ("error", "fail", "runtime error")]
    if failed:
        lines = "\n".join(f"{result.unique_id}: {result.message}" for result in failed)
        raise dg.Failure(f"{len(failed)} of {len(results)} models failed:\n{lines}")
