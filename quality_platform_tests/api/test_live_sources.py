"""Files that grow, probes and scrapes beside the doors: in the lake by themselves, never twice, whatever fails."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import prometheus_client as client
import pytest

from quality_platform.defs.platform import Platform
from quality_platform.ingestion import sources
from quality_platform.ingestion.collect import collect_all
from quality_platform_tests.data.live import Live, free_port, serving


@pytest.fixture(scope="module")
def exporter() -> Iterator[tuple[client.Counter, int]]:
    """An application with prometheus_client, as it comes."""
    registry = client.CollectorRegistry()
    orders = client.Counter("orders", "Orders.", registry=registry)
    server, thread = client.start_http_server(0, addr="127.0.0.1", registry=registry)
    yield orders, server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sources")


def configuration(port: int, more: str = "") -> str:
    return f"""
projects:
  - id: shop
    logs: [{{paths: ["*.log"]}}]
    events: [{{paths: [events.jsonl]}}]
    access_logs: [{{paths: [access.txt], service: web}}]
    probes:
      - {{name: shop, http: "http://127.0.0.1:{port}/", interval_seconds: 1}}
      - {{name: nobody, tcp: "127.0.0.1:1", interval_seconds: 1}}
    scrape:
      - {{name: orders, url: "http://127.0.0.1:{port}/metrics", interval_seconds: 1}}
      - {{name: nowhere, url: "http://127.0.0.1:1/metrics", interval_seconds: 1}}
    quota: {{metric: 3}}
{more}"""


@pytest.fixture(scope="module")
def live(folder: Path, exporter: tuple[client.Counter, int]) -> Iterator[Live]:
    (folder / "quality.yaml").write_text(configuration(exporter[1]))
    (folder / "binary.log").write_bytes(b"a\0b\n" * 100)
    with serving(folder, config=folder / "quality.yaml") as service:
        yield service


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def access(number: int) -> str:
    return f'192.0.2.1 - bob [17/May/2026:10:05:03 +0000] "GET /orders/{number} HTTP/1.1" 200 12 "-" "UA" rt=0.25\n'


def test_lines_get_into_the_lake_while_files_grow(live: Live, folder: Path) -> None:
    now = datetime.now(UTC).isoformat()
    (folder / "access.txt").write_text("")
    live.until("SELECT 1 FROM raw.metric_samples")  # it works
    append(folder / "access.txt", access(1))
    append(folder / "app.log", json.dumps({"level": "error", "message": "boom", "time": now}) + "\n")
    append(folder / "events.jsonl", json.dumps({"event": "buy", "user": "bob", "timestamp": now}) + "\n")

    rows = live.until("SELECT service, route, duration_ms, user_key FROM raw.request_samples")
    assert (rows[0]["service"], rows[0]["route"], rows[0]["duration_ms"]) == ("web", "/orders/{id}", 250.0)
    live.until("SELECT 1 FROM raw.error_events WHERE message = 'boom'")
    (refused,) = live.sql("SELECT reason FROM raw.quarantine")
    assert "binary.log is no text" in refused["reason"]
    live.until("SELECT 1 FROM raw.usage_events WHERE event_name = 'buy'")

    for number in range(2, 5):
        append(folder / "access.txt", access(number))
        live.until("SELECT 1 FROM raw.request_samples", rows=number)
    assert len({row["event_id"] for row in live.sql("SELECT event_id FROM raw.request_samples")}) == 4


def test_probes_and_scrapes_come_on_their_interval(live: Live, exporter: tuple[client.Counter, int]) -> None:
    orders, _ = exporter
    orders.inc(7)
    live.until("SELECT 1 FROM raw.metric_samples WHERE metric = 'orders_total' AND value = 7")
    live.until(  # each comes on a clock of its own
        "SELECT DISTINCT metric, subject FROM raw.metric_samples WHERE metric IN ('probe.up', 'scrape.up')", rows=4
    )
    newest = {
        (row["metric"], row["subject"]): row["value"]
        for row in live.sql(
            "SELECT metric, subject, arg_max(value, observed_at) AS value FROM raw.metric_samples GROUP BY ALL"
        )
    }
    assert newest["probe.up", "shop"] == 1.0
    assert newest["probe.up", "nobody"] == 0.0
    assert newest["probe.status_code", "shop"] == 200.0
    assert newest["scrape.up", "orders"] == 1.0
    assert newest["scrape.up", "nowhere"] == 0.0
    live.until("SELECT 1 FROM raw.batches WHERE source_id = 'probes:shop'", rows=4)
    (gaps,) = live.sql(
        "SELECT min(gap) AS least FROM (SELECT date_diff('millisecond', lag(moment) OVER (ORDER BY moment), moment) AS gap "
        "FROM (SELECT DISTINCT observed_at AS moment FROM raw.metric_samples WHERE metric = 'probe.up'))"
    )
    assert gaps["least"] >= 500


def test_dagster_beside_it_stores_nothing_twice(live: Live, folder: Path) -> None:
    platform = Platform(live.settings)
    pairs = [pair for pair in sources.tasks(platform.config) if pair[0].name in ("access_logs", "probes", "scrape")]
    (before,) = live.sql("SELECT count(*) AS n FROM raw.request_samples")
    for number in range(4):
        append(folder / "access.txt", access(100 + number))
        collect_all(platform.lake, pairs, platform.context(), run_id="test")
    platform.lake.close()
    live.until("SELECT 1 FROM raw.request_samples", rows=before["n"] + 4)
    (found,) = live.sql("SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM raw.request_samples")
    assert found == {"n": before["n"] + 4, "ids": before["n"] + 4}
    assert (
        live.sql("SELECT 1 FROM raw.metric_samples GROUP BY metric, subject, labels, observed_at HAVING count(*) > 1")
        == []
    )


def test_a_saved_change_of_the_file_counts_while_it_runs(
    live: Live, folder: Path, exporter: tuple[client.Counter, int]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (folder / "quality.yaml").write_text("projects: [{id: shop\n")  # saved half-way
        (folder / "quality.yaml").write_text(
            configuration(exporter[1], f"  - id: other\n    probes: [{{name: late, tcp: 'localhost:{port}'}}]\n")
        )
        live.until("SELECT 1 FROM raw.metric_samples WHERE subject = 'late' AND value = 1")


def test_the_quota_of_the_file_holds(live: Live) -> None:
    import httpx

    headers = {"Authorization": f"Bearer {live.key('shop')['key']}"}
    samples = [{"metric": "m", "value": n} for n in range(4)]
    url = f"{live.base}/api/v1/ingest/metrics"
    assert httpx.post(url, json=samples, headers=headers).status_code == 429
    assert httpx.post(url, json=samples[:3], headers=headers).status_code == 202


def test_it_goes_on_where_it_was_killed(live: Live, folder: Path) -> None:
    (before,) = live.sql("SELECT count(*) AS n FROM raw.request_samples")
    append(folder / "access.txt", "".join(access(number) for number in range(2000)))
    time.sleep(0.7)
    live.kill()
    append(folder / "access.txt", access(1))
    live.settings = live.settings.model_copy(update={"api_port": free_port()})
    live.start()
    live.until("SELECT 1 FROM raw.request_samples", rows=before["n"] + 2001)
    (found,) = live.sql("SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM raw.request_samples")
    assert found == {"n": before["n"] + 2001, "ids": before["n"] + 2001}


def test_nothing_of_a_person_is_on_disk(live: Live) -> None:
    live.nowhere("192.0.2.1 -", "- bob [")
