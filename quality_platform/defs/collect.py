"""Assets of the raw tables: one step per collector, which reads all sources of its kind.

Belongs here: turning a collector into a step with metadata. Does not belong here: reading (`collectors/`).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from quality_platform.collectors.contract import Collector
from quality_platform.collectors.registry import COLLECTORS
from quality_platform.defs import keys, sources
from quality_platform.defs.platform import Platform
from quality_platform.defs.progress import console
from quality_platform.ingestion.collect import Collected, collect_all
from quality_platform.model.columns import Table
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.tables import BATCHES, QUARANTINE, RAW_TABLES

GROUP = "raw"
CHECK = "sources_readable"


def assets(config: QualityConfig) -> tuple[dg.AssetsDefinition, ...]:
    """One multi-asset per registered collector, and the ledger that all of them write."""
    return (*(_asset(collector, config) for collector in COLLECTORS), _ledger())


def _asset(collector: Collector, config: QualityConfig) -> dg.AssetsDefinition:
    deps = list(sources.keys_of(collector, config))
    first = keys.raw(collector.tables[0])

    @dg.multi_asset(
        name=f"collect_{collector.name}",
        specs=[_spec(RAW_TABLES[name], collector, deps) for name in collector.tables],
        check_specs=[dg.AssetCheckSpec(CHECK, asset=first, description="Every configured source could be read.")],
    )
    def collect_(
        context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        tasks = [(collector, task) for task in collector.find(platform.config)]
        work = platform.context(console(context))
        result = collect_all(platform.lake, tasks, work, run_id=context.run.run_id)
        for project in sorted({task.source.project for _, task in tasks}):
            context.log_event(_seen(collector, project, result))
        for name in collector.tables:
            yield dg.MaterializeResult(asset_key=keys.raw(name), metadata=metadata(result, name))
        yield dg.AssetCheckResult(
            check_name=CHECK, asset_key=first, passed=not result.failures, metadata={"failures": result.failures}
        )

    return collect_


def _seen(collector: Collector, project: str, result: Collected) -> dg.AssetMaterialization:
    """What the graph's first node says: that the source was looked at, and whether it could be read."""
    failures = {name: reason for name, reason in result.failures.items() if f":{project}" in name}
    return dg.AssetMaterialization(keys.source(collector.name, project), metadata={"failures": failures})


def _spec(table: Table, collector: Collector, deps: list[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(
        keys.raw(table.name),
        deps=deps,
        group_name=GROUP,
        kinds={"python", "ducklake"},
        description=f"{table.description} Grain: {table.grain}.",
        code_version=collector.version,
        metadata={"dagster/table_name": f"raw.{table.name}", "dagster/column_schema": column_schema(table)},
    )


def column_schema(table: Table) -> dg.TableSchema:
    """A contract in Dagster's form."""
    return dg.TableSchema(
        [dg.TableColumn(column.name, column.sql, description=column.description) for column in table.stored]
    )


def metadata(result: Collected, table: str) -> dict[str, Any]:
    """What a materialisation of a raw table says about itself."""
    entry: dict[str, Any] = {
        "rows_added": result.rows.get(table, 0),
        "rows_refused": result.rejected,
        "batches": result.batches[-20:],
        "sources": result.sources[:100],
    }
    if result.snapshot_id is not None:
        entry["snapshot_id"] = result.snapshot_id
    return entry


def _ledger() -> dg.AssetsDefinition:
    deps = [keys.raw(name) for collector in COLLECTORS for name in collector.tables]
    entries = [
        dg.AssetSpec(
            keys.raw(table.name),
            deps=deps,
            group_name=GROUP,
            kinds={"python", "ducklake"},
            description=f"{table.description} Grain: {table.grain}.",
            metadata={"dagster/table_name": f"raw.{table.name}"},
        )
        for table in (BATCHES, QUARANTINE)
    ]

    @dg.multi_asset(name="ledger", specs=entries)
    def ledger(platform: dg.ResourceParam[Platform]) -> Iterator[dg.MaterializeResult[None]]:
        for entry in entries:
            name = entry.key.path[-1]
            count = platform.lake.rows(f"SELECT count(*) AS n FROM raw.{name}")[0]["n"]
            snapshot = platform.lake.snapshot_id("raw")
            yield dg.MaterializeResult(
                asset_key=entry.key, metadata={"dagster/row_count": count, "snapshot_id": snapshot}
            )

    return ledger
