"""The metrics of one group of datagrams, summed up.

Belongs here: counts, gauges, sets, single values, and how many items they are. Does not belong here: syntax
(`lines.py`), rows (`door.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from quality_platform.api.ingest.statsd.lines import Check, Fault, Metric, Tags

CHANGE = Fault("gauge_change", "A change of a gauge means nothing here; send its value.")
TOO_LARGE = Fault("invalid_value", "The sum is no finite number.")
GAUGE, COUNT = "gauge", "count"


@dataclass(frozen=True, slots=True)
class Series:
    """What a value belongs to. `time` in seconds since 1970, where the client gave it."""

    name: str
    tags: Tags = ()
    time: int | None = None
    host: str | None = None


@dataclass(slots=True)
class Sums:
    """Takes metrics in the order in which they came."""

    items: int = 0
    _counts: dict[Series, float] = field(default_factory=dict)
    _gauges: dict[Series, float] = field(default_factory=dict)
    _sets: dict[Series, set[str]] = field(default_factory=dict)
    _single: list[tuple[Series, float]] = field(default_factory=list)

    def take(self, metric: Metric) -> Fault | None:
        """Add a metric; the fault where it cannot be added."""
        series = Series(metric.name, metric.tags, metric.time)
        if metric.type == "c":
            return self._count(series, sum(metric.values) / metric.rate)
        if metric.type == "g":
            return self._gauge(series, metric)
        if metric.type == "s":
            self._found(series, self._sets)
            self._sets.setdefault(series, set()).update(metric.members)
            return None
        return self._values(metric)

    def check(self, check: Check) -> None:
        """Add a service check."""
        series = Series("service_check", (*check.tags, ("check", check.name)), check.time, check.host)
        self._found(series, self._gauges)
        self._gauges[series] = float(check.status)

    def samples(self) -> Iterator[tuple[Series, float, str]]:
        """Series, value and kind of everything that was taken."""
        yield from ((series, value, COUNT) for series, value in self._counts.items())
        yield from ((series, value, GAUGE) for series, value in self._gauges.items())
        yield from ((series, float(len(members)), GAUGE) for series, members in self._sets.items())
        yield from ((series, value, GAUGE) for series, value in self._single)

    def _found(self, series: Series, known: object) -> None:
        """One more item, unless the series is there already."""
        self.items += isinstance(known, dict) and series not in known

    def _count(self, series: Series, value: float) -> Fault | None:
        total = self._counts.get(series, 0.0) + value
        if not math.isfinite(total):
            return TOO_LARGE
        self._found(series, self._counts)
        self._counts[series] = total
        return None

    def _gauge(self, series: Series, metric: Metric) -> Fault | None:
        value = metric.values[-1]
        if metric.signed and not metric.tags:
            if series not in self._gauges:
                return CHANGE
            value += self._gauges[series]
        if not math.isfinite(value):
            return TOO_LARGE
        self._found(series, self._gauges)
        self._gauges[series] = value
        return None

    def _values(self, metric: Metric) -> Fault | None:
        fault = self._count(Series(f"{metric.name}.count", metric.tags), len(metric.values) / metric.rate)
        if fault is not None:
            return fault
        series = Series(f"{metric.name}.ms" if metric.type == "ms" else metric.name, metric.tags)
        self.items += len(metric.values)
        self._single += [(series, value) for value in metric.values]
        return None
