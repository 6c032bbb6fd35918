"""Names of assets: the SQL address of a table, or the place of a source. And where alerts stand in the graph."""

from __future__ import annotations

import dagster as dg


def raw(table: str) -> dg.AssetKey:
    """The asset of `raw.<table>`."""
    return dg.AssetKey(["raw", table])


def mart(table: str) -> dg.AssetKey:
    """The asset of `marts.<table>`."""
    return dg.AssetKey(["marts", table])


def intermediate(table: str) -> dg.AssetKey:
    """The asset of `marts.intermediate.<table>`."""
    return dg.AssetKey(["marts", "intermediate", table])


def source(collector: str, project: str) -> dg.AssetKey:
    """The external asset of a project's sources of one kind."""
    return dg.AssetKey(["source", collector, project])


ALERTS = dg.AssetKey(["alerts", "evaluation"])
LIVE_CLIENTS = dg.AssetKey(["source", "live_clients"])
ALERT_STORE = dg.AssetKey(["source", "alerts"])
REPORT = dg.AssetKey(["report", "daily"])
MAINTENANCE = dg.AssetKey(["platform", "maintenance"])
