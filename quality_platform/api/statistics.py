"""What the live service says about itself: counters, gauges and latencies, in Prometheus' types.

Belongs here: the instruments. Does not belong here: who serves or collects them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
LAG_BUCKETS = (0.1, 0.25, 0.5, 0.75, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0)


class Statistics:
    """The instruments of one service, in a registry of their own, so that tests may have several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = Counter(
            "quality_ingest_requests_total", "Requests by door and status.", ["door", "status"], registry=self.registry
        )
        self.items = Counter(
            "quality_ingest_items_total", "Items accepted, by door and category.", ["door", "category"],
            registry=self.registry,
        )  # fmt: skip
        self.latency = Histogram(
            "quality_ingest_seconds", "From the request's first byte read to the answer.", ["door"], buckets=BUCKETS,
            registry=self.registry,
        )  # fmt: skip
        self.spooled = Counter("quality_spooled_entries_total", "Requests made durable.", registry=self.registry)
        self.commits = Counter("quality_spool_commits_total", "Transactions of the spool.", registry=self.registry)
        self.drained = Counter("quality_drained_entries_total", "Requests brought to the lake.", registry=self.registry)
        self.drained_rows = Counter("quality_drained_rows_total", "Rows brought to the lake.", registry=self.registry)
        self.drain_failures = Counter(
            "quality_drain_failures_total",
            "Rounds that could not be stored and were tried again.",
            registry=self.registry,
        )
        self.lag = Histogram(
            "quality_drain_lag_seconds", "From acceptance to the lake, oldest entry of each round.",
            buckets=LAG_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.waiting = Gauge(
            "quality_spool_waiting_entries", "Requests that wait for the lake.", registry=self.registry
        )
        self.held_bytes = Gauge("quality_ingest_held_bytes", "Bytes of requests in memory.", registry=self.registry)
        self.delivery = Gauge(
            "quality_alert_delivery_seconds", "From the making of a message to its arrival, over the last hour.",
            ["channel", "quantile"], registry=self.registry,
        )  # fmt: skip

    def told(self, seconds: Mapping[str, Sequence[float]]) -> None:
        """How long messages took, by channel, ascending; a channel that was told nothing has no figure."""
        self.delivery.clear()
        for channel, known in seconds.items():
            for quantile in (0.5, 0.95, 0.99):
                self.delivery.labels(channel, str(quantile)).set(known[round(quantile * (len(known) - 1))])
