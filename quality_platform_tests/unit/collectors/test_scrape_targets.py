"""Scraping real servers: prometheus_client's own, and others that misbehave."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import prometheus_client as client
import pytest

from quality_platform.collectors.scrape import COLLECTOR
from quality_platform.collectors.scrape import target as target_module
from quality_platform.model.configuration import ProjectConfig, QualityConfig
from quality_platform.model.live_sources import ScrapeTarget
from quality_platform_tests.data.certificates import certificate
from quality_platform_tests.data.receivers import answering, dripping, endless, late, receiving

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

Scraped = dict[str, float]


def config(**options: Any) -> QualityConfig:
    target = ScrapeTarget(**{"name": "shop", "timeout_seconds": 60.0, **options})
    return QualityConfig(projects=(ProjectConfig(id="p", scrape=(target,)),))


@pytest.fixture
def scraped(memory: Any) -> Callable[..., Scraped]:
    """A function from a target's options to the values by metric."""

    def scrape(now: datetime = NOW, **options: Any) -> Scraped:
        batches = memory.collect(COLLECTOR, config(**options), now=now)
        return {row["metric"]: row["value"] for batch in batches for row in batch.tables["metric_samples"].to_pylist()}

    return scrape


@pytest.fixture
def exporter() -> Iterator[tuple[client.CollectorRegistry, str]]:
    """An application with prometheus_client, as it comes."""
    registry = client.CollectorRegistry()
    server, thread = client.start_http_server(0, addr="127.0.0.1", registry=registry)
    yield registry, f"http://127.0.0.1:{server.server_port}/metrics"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_application_is_scraped_again_and_again(
    exporter: tuple[client.CollectorRegistry, str], scraped: Callable[..., Scraped], memory: Any
) -> None:
    registry, url = exporter
    orders = client.Counter("orders", "Orders.", registry=registry)
    orders.inc(3)
    assert scraped(url=url)["orders_total"] == 3.0
    orders.inc()
    found = scraped(NOW + timedelta(seconds=60), url=url)
    assert (found["orders_total"], found["scrape.up"]) == (4.0, 1.0)
    assert found["scrape.samples"] == memory.batches[1].row_count - 3
    assert found["scrape.duration_seconds"] > 0
    assert memory.rejected == []


def test_nothing_is_asked_before_it_is_due(scraped: Callable[..., Scraped]) -> None:
    with receiving(answering(200, b"a 1\n")) as server:
        asked = []
        for seconds in (0, 29, 30, 31, -100):
            scraped(NOW + timedelta(seconds=seconds), url=server.url(), interval_seconds=30)
            asked.append(len(server.requests))
    assert asked == [1, 1, 2, 2, 3]


def test_the_request_says_what_is_understood_and_brings_the_token(
    scraped: Callable[..., Scraped], monkeypatch: pytest.MonkeyPatch, memory: Any
) -> None:
    monkeypatch.setenv("METRICS_TOKEN", "hunter2")
    with receiving(answering(200, gzip.compress(b"a 1\n"), Content_Encoding="gzip")) as server:
        assert scraped(url=server.url("/metrics?job=x"), bearer_token="env:METRICS_TOKEN")["a"] == 1.0
    (request,) = server.requests
    assert request.path == "/metrics?job=x"
    assert request.headers["Authorization"] == "Bearer hunter2"
    assert request.headers["Accept"].startswith("application/openmetrics-text;version=1.0.0")
    assert request.headers["Accept-Encoding"] == "gzip"
    assert "hunter2" not in repr(memory.batches)


def test_a_token_does_not_follow_a_redirect(scraped: Callable[..., Scraped]) -> None:
    with receiving(answering(200, b"a 1\n")) as other, receiving(answering(302, Location=other.url())) as server:
        assert scraped(url=server.url(), bearer_token="hunter2")["a"] == 1.0
    assert "Authorization" in server.requests[0].headers
    assert "Authorization" not in other.requests[0].headers


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (answering(500), "status 500"),
        (answering(200, b"<html></html>"), "no metrics in Prometheus' text format or OpenMetrics"),
        (answering(200, b"no gzip", Content_Encoding="gzip"), "error"),
        (late(60), "timeout"),
        (dripping, "timeout"),
    ],
    ids=["error", "html", "broken", "late", "dripping"],
)
def test_a_target_that_fails_is_down_and_why_stands_in_the_ledger(
    behaviour: Any, reason: str, scraped: Callable[..., Scraped], memory: Any
) -> None:
    with receiving(behaviour) as server:
        found = scraped(url=server.url(), timeout_seconds=0.6 if reason == "timeout" else 60.0)
    assert (found.pop("scrape.up"), found.pop("scrape.samples")) == (0.0, 0.0)
    assert set(found) == {"scrape.duration_seconds"}
    assert memory.batches[0].read_from["down"] == reason


def test_a_token_that_is_not_set_is_said_without_asking(scraped: Callable[..., Scraped], memory: Any) -> None:
    with receiving(answering(200, b"a 1\n")) as server:
        assert scraped(url=server.url(), bearer_token="env:NOT_SET_ANYWHERE")["scrape.up"] == 0.0
    assert server.requests == []
    assert "NOT_SET_ANYWHERE" in memory.batches[0].read_from["down"]


def test_bodies_are_bounded_and_what_was_whole_is_kept(
    scraped: Callable[..., Scraped], memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_module, "BODY_LIMIT", 100_000)
    bomb = gzip.compress(b"a 1\n" + b"b" * 50_000_000)
    with receiving(answering(200, bomb, Content_Encoding="gzip")) as server:
        assert scraped(url=server.url())["a"] == 1.0
    assert "longer than 100000 bytes" in memory.rejected[0].reason
    with receiving(endless) as server:
        assert scraped(NOW + timedelta(hours=1), url=server.url())["scrape.up"] == 0.0


def test_tls_with_an_authority_of_ones_own(scraped: Callable[..., Scraped], tmp_path: Path) -> None:
    made = certificate(tmp_path, "localhost")
    authority = tmp_path / "ca.pem"
    authority.write_text(made.pem)
    with receiving(answering(200, b"a 1\n"), made.server()) as server:
        url = server.url("/metrics", host="localhost", scheme="https")
        assert scraped(url=url, ca_file=str(authority))["a"] == 1.0
        assert scraped(NOW + timedelta(hours=1), url=url)["scrape.up"] == 0.0
