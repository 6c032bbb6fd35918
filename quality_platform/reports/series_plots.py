"""Series as plots, with what detection says of them: levels between steps, commits, what is expected next.

Belongs here: reading and putting together. Does not belong here: which series are worth a plot (`charts.py`, the
API's routes), how a plot is drawn (`notifications/plots/`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from quality_platform.model.alerts import Series
from quality_platform.model.message import Outlook, Plot, Span
from quality_platform.model.metrics import CATALOGUE

Row = Mapping[str, Any]
Thresholds = Callable[[Series], float | None]
"""The threshold that is drawn for a series; None where no rule has one."""

LEAST_POINTS = 2
NEWEST_POINTS = 500


class Rows(Protocol):
    """The lake as this module needs it."""

    def rows(self, sql: str, parameters: Sequence[object] = ..., /) -> list[dict[str, Any]]:
        """Result of `sql` as Python values."""


def nothing(series: Series) -> None:
    """No threshold for any series."""


def plots_of(
    lake: Rows, metric: str, *, project: str | None = None, subject: str | None = None, labels: str | None = None,
    thresholds: Thresholds = nothing, most: int = 1_000,
) -> Iterator[Plot]:  # fmt: skip
    """A plot for each series of `metric` with at least two points, by project and subject; None leaves open which."""
    wanted = [metric, project, project, subject, subject, labels, labels]
    changes, ahead = _by_series(lake.rows(_CHANGES, wanted)), _by_series(lake.rows(_AHEAD, wanted))
    for row in lake.rows(_POINTS, [*wanted, NEWEST_POINTS, LEAST_POINTS, most]):
        series = Series(metric, row["project"], row["subject"], row["labels"])
        yield plotted(series, row["times"], row["values"], changes[series], thresholds(series), ahead[series])


def plotted(
    series: Series, times: Sequence[datetime], values: Sequence[float], changes: Sequence[Row],
    threshold: float | None, ahead: Sequence[Row] = (),
) -> Plot:  # fmt: skip
    """One series as a plot; `changes` and `ahead`, its forecast, are rows of the marts, by time."""
    entry = CATALOGUE.find(series.metric)
    where = series.project if series.subject == series.project else f"{series.project}, {series.subject}"
    seen = [row for row in changes if row["changed_at"] >= times[0]]
    return Plot(
        title=f"{where}: {entry.title if entry else series.metric}",
        unit=entry.unit if entry else "",
        times=tuple(times),
        values=tuple(values),
        threshold=threshold,
        marks=tuple((row["changed_at"], f"{row['effect_percent'] or 0.0:+.0f}%{_commit(row)}") for row in seen),
        levels=tuple(_levels(times, seen)),
        outlook=_outlook([row for row in ahead if row["forecast_at"] > times[-1]]),
    )


def _levels(times: Sequence[datetime], changes: Sequence[Row]) -> Iterator[Span]:
    """The stretches that the steps part: a level is told by the step that it begins with, the first by the first."""
    if not changes:
        return
    instants = [row["changed_at"] for row in changes]
    yield Span(times[0], instants[0], changes[0]["before"])
    for row, end in zip(changes, [*instants[1:], times[-1]], strict=True):
        yield Span(row["changed_at"], max(end, row["changed_at"]), row["after"])


def _outlook(ahead: Sequence[Row]) -> Outlook | None:
    """What is still to come of a forecast."""
    if not ahead:
        return None
    times, middle, lower, upper = (
        tuple(row[name] for row in ahead) for name in ("forecast_at", "expected", "lower", "upper")
    )
    return Outlook(times, middle, lower, upper)


def _commit(row: Row) -> str:
    return f" with {row['commit_sha'][:10]}" if row["commit_sha"] else ""


def _by_series(rows: Sequence[Row]) -> Mapping[Series, list[Row]]:
    found: dict[Series, list[Row]] = defaultdict(list)
    for row in rows:
        found[Series(row["metric"], row["project"], row["subject"], row["labels"])].append(row)
    return found


_WANTED = """
metric = ? AND (? IS NULL OR project = ?) AND (? IS NULL OR subject = ?) AND (? IS NULL OR labels = ?)
"""
_POINTS = f"""
SELECT project, subject, labels,
       list(observed_at ORDER BY observed_at) AS times, list(value ORDER BY observed_at) AS "values"
FROM (
    SELECT * FROM marts.fct_observations WHERE {_WANTED}
    QUALIFY row_number() OVER (PARTITION BY project, subject, labels ORDER BY observed_at DESC) <= ?
)
GROUP BY ALL HAVING count(*) >= ? ORDER BY project, subject, labels LIMIT ?
"""
_CHANGES = f"""
SELECT metric, project, subject, labels, changed_at, before, after, effect_percent, commit_sha
FROM marts.metric_changes WHERE {_WANTED} ORDER BY changed_at
"""
_AHEAD = f"""
SELECT metric, project, subject, labels, forecast_at, expected, lower, upper
FROM marts.metric_forecasts WHERE {_WANTED} ORDER BY forecast_at
"""
