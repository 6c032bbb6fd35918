"""The service's own figures: rates since the last time, quantiles of what was new, silence at rest."""

from __future__ import annotations

import math

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.api.own_figures import EVERY_SECONDS, OwnFigures, quantile
from quality_platform.api.statistics import BUCKETS, Statistics
from quality_platform.model.metrics_live import INGEST_METRICS
from quality_platform.spool.item import Entry

REST = {"ingest_waiting": 0.0, "ingest_held_bytes": 0.0, "live_clients": 0.0}


def told(entry: Entry | None) -> dict[str, float]:
    assert entry is not None
    return {sample["metric"].removeprefix("platform."): sample["value"] for sample in orjson.loads(entry.body)}


def busy(statistics: Statistics) -> None:
    for status in ("202", "202", "503"):
        statistics.requests.labels("metrics", status).inc(20)
    statistics.items.labels("metrics", "metric").inc(600)
    statistics.drained_rows.inc(300)
    for seconds in (0.002, 0.03):
        statistics.latency.labels("metrics").observe(seconds)
    statistics.lag.observe(0.3)


def test_a_minute_is_told_as_rates_and_quantiles() -> None:
    statistics = Statistics()
    busy(statistics)
    figures = OwnFigures(statistics.registry, now=0.0)  # what was before does not count
    busy(statistics)

    assert figures.entry(REST, now=EVERY_SECONDS - 1, received_at=0) is None
    found = told(figures.entry({**REST, "ingest_waiting": 7.0}, now=60.0, received_at=0))

    assert (found["ingest_requests"], found["ingest_refused"], found["ingest_items"]) == (
        1.0,
        pytest.approx(1 / 3),
        10.0,
    )
    assert (found["ingest_rows"], found["ingest_waiting"], found["ingest_failures"]) == (5.0, 7.0, 0.0)
    assert 1.0 < found["ingest_latency_p50_ms"] <= 2.5
    assert 25.0 < found["ingest_latency_p99_ms"] <= 50.0
    assert 250.0 < found["ingest_lag_p99_ms"] <= 500.0
    assert {f"platform.{name}" for name in found} == {metric.name for metric in INGEST_METRICS}


def test_at_rest_one_minute_of_zeros_is_told() -> None:
    statistics = Statistics()
    figures = OwnFigures(statistics.registry, now=0.0)
    busy(statistics)
    figures.entry(REST, now=60.0, received_at=0)

    assert told(figures.entry(REST, now=120.0, received_at=0))["ingest_requests"] == 0.0
    assert figures.entry(REST, now=180.0, received_at=0) is None
    busy(statistics)
    assert told(figures.entry(REST, now=240.0, received_at=0))["ingest_requests"] == 1.0


@given(st.lists(st.floats(0.0, 2.5), min_size=1, max_size=200), st.floats(0.01, 1.0))
def test_a_quantile_lies_in_the_bucket_of_the_value(values: list[float], share: float) -> None:
    bounds = (*BUCKETS, math.inf)
    buckets = {bound: float(sum(value <= bound for value in values)) for bound in bounds}
    exact = sorted(values)[math.ceil(share * len(values) - 1e-9) - 1]
    upper = next(bound for bound in bounds if exact <= bound)
    lower = max((bound for bound in (0.0, *bounds) if bound < upper), default=0.0)

    assert lower <= quantile(buckets, share) <= upper


def test_there_is_no_quantile_of_nothing() -> None:
    assert math.isnan(quantile({1.0: 0.0, math.inf: 0.0}, 0.5))
    assert quantile({1.0: 0.0, 2.5: 0.0, math.inf: 3.0}, 0.5) == 2.5
