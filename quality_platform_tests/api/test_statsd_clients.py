"""The statsd and datadog packages, unmodified, over UDP on loopback."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import statsd
from datadog.dogstatsd import DogStatsd

from quality_platform.cli import home
from quality_platform.settings import Settings
from quality_platform_tests.data.live import Live, free_port, serving

HOST = "127.0.0.1"


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("statsd")
    with serving(folder, statsd_port=free_udp_port(), statsd_project="ops") as service:
        yield service


def test_statsd_and_dogstatsd_deliver(listening: Live) -> None:
    port = listening.settings.statsd_port
    with closing(statsd.StatsClient(HOST, port, prefix="shop")) as client:
        client.incr("orders", 2)
        client.incr("orders", 3)
        client.gauge("depth", 7)
        client.gauge("balance", -12)
        client.timing("query", 12.5)
        client.timing("query", 30)
        client.set("users", "ann")
        client.set("users", "bob@example.com")
        client.gauge("depth.change", 1, delta=True)
    datadog = DogStatsd(HOST, port, constant_tags=["env:test"], disable_buffering=True, disable_telemetry=True)
    datadog.increment("web.hits", 4, tags=["page:home"])
    datadog.gauge("web.offset", -3)
    datadog.histogram("web.size", 512)
    datadog.distribution("web.size", 1024)
    datadog.event("Deployed", "release 7\nby bob@example.com", alert_type="success", tags=["team:web"])
    datadog.service_check("db.up", DogStatsd.WARNING, hostname="db-1", message="slow")
    datadog.stop()

    listening.until("SELECT 1 FROM raw.usage_events WHERE project = 'ops'")
    listening.until("SELECT 1 FROM raw.metric_samples WHERE metric = 'service_check'")
    assert totals(listening, "count") == {
        "shop.orders": (5.0, {}),
        "shop.query.count": (2.0, {}),
        "web.hits": (4.0, {"env": "test", "page": "home"}),
        "web.size.count": (2.0, {"env": "test"}),
    }
    gauges = listening.sql(
        "SELECT metric, subject, labels, value FROM raw.metric_samples WHERE kind = 'gauge' ORDER BY ALL"
    )
    assert [(row["metric"], row["subject"], json.loads(row["labels"]), row["value"]) for row in gauges] == [
        ("service_check", "db-1", {"check": "db.up", "env": "test"}, 1.0),
        ("shop.balance", "ops", {}, -12.0),
        ("shop.depth", "ops", {}, 7.0),
        ("shop.query.ms", "ops", {}, 12.5),
        ("shop.query.ms", "ops", {}, 30.0),
        ("shop.users", "ops", {}, 2.0),
        ("web.offset", "ops", {"env": "test"}, -3.0),
        ("web.size", "ops", {"env": "test"}, 512.0),
        ("web.size", "ops", {"env": "test"}, 1024.0),
    ]
    event = listening.sql("SELECT event_name, properties FROM raw.usage_events")[0]
    assert event["event_name"] == "Deployed"
    assert json.loads(event["properties"]) == {
        "alert_type": "success", "tags": {"env": "test", "team": "web"}, "text": "release 7\nby [email]",
    }  # fmt: skip
    ledger = listening.assert_adds_up("ops")
    assert ledger["event"] == {"received": 1, "stored": 1}
    assert ledger["metric"]["rejected"] == 1
    assert listening.sql("SELECT reason FROM raw.ingest_counts WHERE outcome = 'rejected'") == [
        {"reason": "gauge_change"}
    ]
    listening.nowhere("bob@example.com")


def totals(live: Live, kind: str) -> dict[str, tuple[float, dict[str, str]]]:
    rows = live.sql(
        f"SELECT metric, labels, sum(value) AS total FROM raw.metric_samples WHERE kind = '{kind}' GROUP BY ALL"
    )
    return {row["metric"]: (row["total"], json.loads(row["labels"])) for row in rows}


def test_every_datagram_of_a_burst_is_stored_or_in_the_ledger(listening: Live) -> None:
    sent = 20_000
    with closing(statsd.StatsClient(HOST, listening.settings.statsd_port)) as client:
        for _ in range(sent):
            client.incr("burst")
        for _ in range(10):
            # the kernel's count of what it dropped is asked for once a second, with the next group
            time.sleep(1.2)
            client.incr("burst")
            sent += 1
            if came_to(listening, sent):
                return
    assert stored_and_lost(listening) == (sent, 0)


def came_to(live: Live, sent: int) -> bool:
    for _ in range(100):
        if sum(stored_and_lost(live)) == sent:
            return True
        time.sleep(0.1)
    return False


def stored_and_lost(live: Live) -> tuple[int, int]:
    (stored,) = live.sql("SELECT coalesce(sum(value), 0)::INT AS n FROM raw.metric_samples WHERE metric = 'burst'")
    (lost,) = live.sql(
        "SELECT coalesce(sum(quantity), 0)::INT AS n FROM raw.ingest_counts WHERE reason = 'udp_overflow'"
    )
    return stored["n"], lost["n"]


def test_a_port_without_a_project_is_said_at_the_start(tmp_path: Path) -> None:
    service = Live(Settings(home=tmp_path / "home", api_port=free_port(), statsd_port=free_udp_port()))
    home.prepare(service.settings)
    with pytest.raises(AssertionError, match="QUALITY_PLATFORM_STATSD_PROJECT"):
        service.start()
