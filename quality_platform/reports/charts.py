"""Which series a reader of the report looks at first."""

from __future__ import annotations

from quality_platform.model.message import Plot
from quality_platform.reports.series_plots import Thresholds, nothing, plots_of
from quality_platform.warehouse.lake import Lake

CODE = (
    "code.maintainability_index",
    "code.complexity_per_100_lines",
    "code.coverage_percent",
    "security.score",
    "code.debt_ratio",
)
RUNTIME = ("errors.events", "usage.active_users", "system.cpu_percent", "system.memory_percent")


def plots(lake: Lake, metrics: tuple[str, ...], thresholds: Thresholds = nothing) -> tuple[Plot, ...]:
    """A plot for each series of `metrics` with at least two points."""
    return tuple(plot for metric in metrics for plot in plots_of(lake, metric, thresholds=thresholds))
