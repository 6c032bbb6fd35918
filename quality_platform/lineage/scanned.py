"""The way from a number of a repository's newest commit to its sources, before any model has run: after a bare `scan`.

Belongs here: a node for the commit. Does not belong here: the numbers (`warehouse/newest_commit.py`), or the rows
behind them (`origins.py`).
"""

from __future__ import annotations

from typing import Any

from quality_platform.lineage.origins import of_commit
from quality_platform.lineage.steps import Node, raw_rows
from quality_platform.model.metric import Metric
from quality_platform.warehouse.lake import Lake
from quality_platform.warehouse.newest_commit import PROJECTS, numbers


def scanned(lake: Lake, metric: Metric, project: str | None) -> Node | None:
    """Newest value of `metric` in `project`, or in the one scanned last; None when a scan has no such number."""
    projects = [project] if project else [row["project"] for row in lake.rows(PROJECTS)]
    for each in projects:
        known: dict[str, Any] = numbers(lake, each)
        value = known.get(metric.source_column)
        if metric.grain == "commit" and value is not None:
            found = of_commit(lake, metric, each, known["commit_sha"])
            facts = {"project": each, "commit": known["commit_sha"], "observed_at": known["committed_at"]}
            return Node("value", f"{metric.name} = {value:,.6g} {metric.unit}", facts, (raw_rows(lake, found),))
    return None
