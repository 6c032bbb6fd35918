"""The live service's own figures as samples of the project `quality-platform`, once a minute, by the way that all
samples take.

They wait in the spool until something else is to be stored, since a process that is started to say that nothing
happens would be what happens. Of a service at rest one minute of zeros is told, then nothing.

Belongs here: what is told. Does not belong here: counting (`statistics.py`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise

import orjson
from prometheus_client import CollectorRegistry

from quality_platform.api.ingest.own_metrics import DOOR
from quality_platform.configuration.effective import SELF
from quality_platform.spool.item import Entry

EVERY_SECONDS = 60.0
PREFIX = "platform."
MOVES = ("ingest_requests", "ingest_items", "ingest_rows", "ingest_waiting", "ingest_failures", "live_clients")
"""Figures that are zero in a service at rest."""

Snapshot = Mapping[tuple[str, str, bool], float]
"""Sums over doors: by series name, bucket (its upper bound) and whether the status says refused."""


class OwnFigures:
    """Makes an entry of what has changed since the last one."""

    def __init__(self, registry: CollectorRegistry, now: float | None = None) -> None:
        self._registry = registry
        self._before = _snapshot(registry)
        self._at = time.monotonic() if now is None else now
        self._rested = False

    def entry(self, gauges: Mapping[str, float], *, now: float, received_at: int) -> Entry | None:
        """An entry when a minute has passed and there is something to tell. `gauges` are figures as they are now, by
        name without prefix; `now` is monotonic, `received_at` in microseconds since 1970."""
        seconds = now - self._at
        if seconds < EVERY_SECONDS:
            return None
        after = _snapshot(self._registry)
        figures = {**_figures(self._before, after, seconds), **gauges}
        self._before, self._at = after, now
        rests = not any(figures.get(name) for name in MOVES)
        if rests and self._rested:
            return None
        self._rested = rests
        samples = [
            {"metric": PREFIX + name, "value": value, "observed_at": received_at / 1e6, "kind": "gauge"}
            for name, value in sorted(figures.items())
            if math.isfinite(value)
        ]
        meta = {"media_type": "application/json", "items": {"metric": len(samples)}}
        return Entry(SELF, DOOR.name, received_at, orjson.dumps(samples), meta)


def _snapshot(registry: CollectorRegistry) -> Snapshot:
    found: dict[tuple[str, str, bool], float] = {}
    for family in registry.collect():
        if not family.name.startswith("quality_"):
            continue
        for sample in family.samples:
            refused = sample.labels.get("status", "").startswith(("4", "5"))
            key = sample.name, sample.labels.get("le", ""), refused
            found[key] = found.get(key, 0.0) + sample.value
    return found


def _figures(before: Snapshot, after: Snapshot, seconds: float) -> dict[str, float]:
    moved = {key: value - before.get(key, 0.0) for key, value in after.items()}
    answered, refused = (moved.get(("quality_ingest_requests_total", "", which), 0.0) for which in (False, True))
    latency, lag = (dict(_buckets(moved, name)) for name in ("quality_ingest_seconds", "quality_drain_lag_seconds"))
    return {
        "ingest_requests": (answered + refused) / seconds,
        "ingest_refused": refused / seconds,
        "ingest_items": moved.get(("quality_ingest_items_total", "", False), 0.0) / seconds,
        "ingest_rows": moved.get(("quality_drained_rows_total", "", False), 0.0) / seconds,
        "ingest_failures": moved.get(("quality_drain_failures_total", "", False), 0.0),
        "ingest_latency_p50_ms": 1000 * quantile(latency, 0.5),
        "ingest_latency_p99_ms": 1000 * quantile(latency, 0.99),
        "ingest_lag_p99_ms": 1000 * quantile(lag, 0.99),
    }


def _buckets(moved: Snapshot, name: str) -> Iterator[tuple[float, float]]:
    for (series, bound, _), count in moved.items():
        if series == f"{name}_bucket":
            yield float(bound), count


def quantile(buckets: Mapping[float, float], share: float) -> float:
    """A quantile from counts up to each bound, straight between two bounds, as Prometheus' histogram_quantile does;
    the highest finite bound where it lies beyond, NaN where there is nothing."""
    bounds = sorted(buckets)
    if not bounds or not buckets[bounds[-1]]:
        return math.nan
    rank = share * buckets[bounds[-1]]
    for lower, upper in pairwise([0.0, *bounds]):
        below = buckets.get(lower, 0.0) if lower else 0.0
        if buckets[upper] >= rank:
            if math.isinf(upper):
                return lower
            return lower + (upper - lower) * (rank - below) / max(buckets[upper] - below, 1e-9)
    return bounds[-2]
