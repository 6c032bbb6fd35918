"""Plots of the series that a reader looks at first, with the commits where their level stepped."""

from __future__ import annotations

from typing import Any

from quality_platform.model.message import Plot
from quality_platform.model.metrics import CATALOGUE
from quality_platform.warehouse.lake import Lake

CODE = (
    "code.maintainability_index",
    "code.complexity_per_100_lines",
    "code.coverage_percent",
    "security.score",
    "code.debt_ratio",
)
RUNTIME = ("errors.events", "usage.active_users", "system.cpu_percent", "system.memory_percent")
LEAST_POINTS = 2
NEWEST_POINTS = 500

POINTS = """
    SELECT project, subject, labels,
           list(observed_at ORDER BY observed_at) AS times, list(value ORDER BY observed_at) AS "values"
    FROM (
        SELECT * FROM marts.fct_observations WHERE metric = ?
        QUALIFY row_number() OVER (PARTITION BY project, subject, labels ORDER BY observed_at DESC) <= ?
    )
    GROUP BY ALL HAVING count(*) >= ? ORDER BY ALL
"""
STEPS = "SELECT subject, labels, changed_at, effect_percent FROM marts.metric_changes WHERE metric = ? AND project = ?"


def plots(lake: Lake, metrics: tuple[str, ...]) -> tuple[Plot, ...]:
    """A plot for each series of `metrics` with at least two points."""
    return tuple(
        _plot(lake, metric, row)
        for metric in metrics
        for row in lake.rows(POINTS, [metric, NEWEST_POINTS, LEAST_POINTS])
    )


def _plot(lake: Lake, metric: str, row: dict[str, Any]) -> Plot:
    entry = CATALOGUE.get(metric)
    where = row["project"] if row["subject"] == row["project"] else f"{row['project']}, {row['subject']}"
    first = row["times"][0]
    marks = [
        (step["changed_at"], f"{step['effect_percent']:+.0f}%")
        for step in lake.rows(STEPS, [metric, row["project"]])
        if (step["subject"], step["labels"]) == (row["subject"], row["labels"]) and step["changed_at"] >= first
    ]
    return Plot(
        title=f"{where}: {entry.title}",
        unit=entry.unit,
        times=tuple(row["times"]),
        values=tuple(row["values"]),
        marks=tuple(marks),
    )
