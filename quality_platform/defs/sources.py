"""External assets, so that the graph starts at the repository, host, log or endpoint itself."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from quality_platform.collectors.contract import Collector
from quality_platform.collectors.registry import COLLECTORS
from quality_platform.defs import keys
from quality_platform.model.configuration import QualityConfig

GROUP = "sources"


def specs(config: QualityConfig) -> tuple[dg.AssetSpec, ...]:
    """One external asset per collector and project of `config`, one for live clients, one for the alerts' store."""
    found = [spec for collector in COLLECTORS for spec in _of(collector, config)]
    live = dg.AssetSpec(
        keys.LIVE_CLIENTS,
        group_name=GROUP,
        kinds={"source"},
        description="Applications that send to the live service, with the clients that they have.",
    )
    alerts = dg.AssetSpec(
        keys.ALERT_STORE, group_name=GROUP, kinds={"source"}, description="Alerts and their events, in the state."
    )
    return (*found, live, alerts)


def keys_of(collector: Collector, config: QualityConfig) -> Iterable[dg.AssetKey]:
    """The external assets that `collector` reads."""
    return [spec.key for spec in _of(collector, config)]


def _of(collector: Collector, config: QualityConfig) -> list[dg.AssetSpec]:
    titles: dict[str, list[str]] = {}
    for task in collector.find(config):
        titles.setdefault(task.source.project, []).append(task.source.title)
    return [
        dg.AssetSpec(
            keys.source(collector.name, project),
            group_name=GROUP,
            kinds={"source", collector.name},
            description=f"{collector.title} of {project}: {', '.join(names[:10])}",
            metadata={"sources": dg.MetadataValue.json(names[:100])},
        )
        for project, names in sorted(titles.items())
    ]
