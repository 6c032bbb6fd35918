"""Assets of the raw tables: one step per collector, or for those that fill the same tables, which reads their sources.

Belongs here: turning collectors into steps with metadata. Does not belong here: reading (`collectors/`), or which
collectors share a step (`steps.py`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from quality_platform.collectors.contract import Collector
from quality_platform.collectors.registry import COLLECTORS
from quality_platform.defs import keys, sources
from quality_platform.defs.platform import Platform
from quality_platform.defs.progress import console
from quality_platform.defs.steps import steps
from quality_platform.ingestion.collect import Collected, collect_all
from quality_platform.model.columns import Table
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.tables import BATCHES, QUARANTINE, RAW_TABLES, SENT_BY_CLIENTS

GROUP = "raw"


def assets(config: QualityConfig) -> tuple[dg.AssetsDefinition | dg.AssetSpec, ...]:
    """The collectors' steps, the tables that only live clients fill, and the ledger that all of them write."""
    return (*(_asset(together, config) for together in steps(COLLECTORS)), *_only_sent(), _ledger())


def _asset(together: Sequence[Collector], config: QualityConfig) -> dg.AssetsDefinition:
    names = list(dict.fromkeys(name for collector in together for name in collector.tables))

    @dg.multi_asset(
        name=f"collect_{together[0].name}",
        specs=[_spec(RAW_TABLES[name], [each for each in together if name in each.tables], config) for name in names],
        check_specs=[_check(collector) for collector in together],
    )
    def collect_(
        context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        found = {}
        work = platform.context(console(context))
        for collector in together:
            tasks = [(collector, task) for task in collector.find(platform.config)]
            found[collector.name] = result = collect_all(platform.lake, tasks, work, run_id=context.run.run_id)
            for project in sorted({task.source.project for _, task in tasks}):
                context.log_event(_seen(collector, project, result))
        for name in names:
            filled = [found[each.name] for each in together if name in each.tables]
            yield dg.MaterializeResult(asset_key=keys.raw(name), metadata=metadata(filled, name))
        for collector in together:
            yield _checked(collector, found[collector.name])

    return collect_


def _check(collector: Collector) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        f"{collector.name}_readable",
        asset=keys.raw(collector.tables[0]),
        description=f"{collector.title}: every configured source could be read.",
    )


def _checked(collector: Collector, result: Collected) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=f"{collector.name}_readable",
        asset_key=keys.raw(collector.tables[0]),
        passed=not result.failures,
        metadata={"failures": result.failures},
    )


def _seen(collector: Collector, project: str, result: Collected) -> dg.AssetMaterialization:
    """What the graph's first node says: that the source was looked at, and whether it could be read."""
    failures = {name: reason for name, reason in result.failures.items() if f":{project}" in name}
    return dg.AssetMaterialization(keys.source(collector.name, project), metadata={"failures": failures})


def _spec(table: Table, collectors: Sequence[Collector], config: QualityConfig) -> dg.AssetSpec:
    deps = [key for collector in collectors for key in sources.keys_of(collector, config)]
    return dg.AssetSpec(
        keys.raw(table.name),
        deps=[*deps, *([keys.LIVE_CLIENTS] if table.name in SENT_BY_CLIENTS else [])],
        group_name=GROUP,
        kinds={"python", "ducklake"},
        description=f"{table.description} Grain: {table.grain}.",
        code_version="-".join(collector.version for collector in collectors) or None,
        metadata={"dagster/table_name": f"raw.{table.name}", "dagster/column_schema": column_schema(table)},
    )


def _only_sent() -> list[dg.AssetSpec]:
    """Tables that no collector fills: external assets, because no step of ours can bring them up to date."""
    collected = {name for collector in COLLECTORS for name in collector.tables}
    only = [name for name in RAW_TABLES if name in SENT_BY_CLIENTS - collected]
    return [_spec(RAW_TABLES[name], (), QualityConfig()) for name in only]


def column_schema(table: Table) -> dg.TableSchema:
    """A contract in Dagster's form."""
    return dg.TableSchema(
        [dg.TableColumn(column.name, column.sql, description=column.description) for column in table.stored]
    )


def metadata(results: Sequence[Collected], table: str) -> dict[str, Any]:
    """What a materialisation of a raw table says about itself."""
    entry: dict[str, Any] = {
        "rows_added": sum(result.rows.get(table, 0) for result in results),
        "rows_refused": sum(result.rejected for result in results),
        "batches": [name for result in results for name in result.batches][-20:],
        "sources": [name for result in results for name in result.sources][:100],
    }
    snapshots = [result.snapshot_id for result in results if result.snapshot_id is not None]
    if snapshots:
        entry["snapshot_id"] = max(snapshots)
    return entry


def _ledger() -> dg.AssetsDefinition:
    collected = {name for collector in COLLECTORS for name in collector.tables}
    deps = [keys.raw(name) for name in RAW_TABLES if name in collected | SENT_BY_CLIENTS]
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
