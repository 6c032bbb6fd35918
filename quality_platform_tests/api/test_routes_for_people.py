"""Routes behind a token: monitoring's switch, the ledger, the service's own metrics, readiness."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from quality_platform import __version__
from quality_platform.alerting import monitoring
from quality_platform.state.database import State
from quality_platform.warehouse import locks
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.live import Live, serving

MONITORING = "/api/v1/quality-monitoring"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("routes")) as service:
        yield service


def ask(live: Live, path: str, role: str = "viewer", method: str = "GET", **headers: str) -> httpx.Response:
    given = {"Authorization": f"Bearer {live.token(role)}", **headers}
    return httpx.request(method, f"{live.base}{path}", headers=given, timeout=15)


def send(live: Live, key: str, samples: list[dict[str, Any]], **headers: str) -> None:
    given = {"Authorization": f"Bearer {key}", **headers}
    httpx.post(f"{live.base}/api/v1/ingest/metrics", json=samples, headers=given)


def test_monitoring_runs_until_somebody_stops_it_and_stays_so_after_a_restart(live: Live) -> None:
    before = ask(live, f"{MONITORING}/status").json()
    stopped = ask(live, f"{MONITORING}/stop", "editor", "POST").json()
    again = ask(live, f"{MONITORING}/stop", "editor", "POST").json()
    live.stop()
    live.start()
    after = ask(live, f"{MONITORING}/status").json()
    with closing(State(live.settings)) as state:
        assert not monitoring.is_running(state)
    started = ask(live, f"{MONITORING}/start", "editor", "POST").json()

    assert (before["running"], before["since"], before["version"]) == (True, None, __version__)
    assert "metrics" in before["doors"]
    assert (stopped["running"], stopped["by"].split()[:2]) == (False, ["token", "editor"])
    assert again["since"] == stopped["since"] == after["since"]
    assert not after["running"]
    assert after["uptime_seconds"] < before["uptime_seconds"] + 30
    assert started["running"]
    changes = ask(live, "/api/v1/audit?action=monitoring", "admin").json()["changes"]
    assert [change["action"] for change in changes] == ["monitoring.start", "monitoring.stop"]


def test_the_ledger_adds_up_by_project_hour_door_and_category(live: Live) -> None:
    key = str(live.key("counted")["key"])
    good, bad = {"metric": "m", "value": 1}, {"metric": "m"}
    for _ in range(2):
        send(live, key, [good, good, bad], **{"Idempotency-Key": "k1"})
    live.until_ledger("counted", {"metric": {"received": 6, "stored": 2, "duplicate": 2, "rejected": 2}})

    found = ask(live, "/api/v1/ingest/ledger?project=counted").json()

    (row,) = found["rows"]
    counts = {"sent": 6, "received": 6, "stored": 2, "duplicate": 2, "rejected": 2, "lost": 0, "balance": 0}
    assert {name: row[name] for name in counts} == counts
    assert (row["project"], row["door"], row["category"]) == ("counted", "metrics", "metric")
    assert sum(row["rejected_because"].values()) == 2
    assert row["lost_because"] == {}
    assert found["totals"] == counts
    assert not found["more"]


def test_what_clients_lost_counts_as_sent(live: Live) -> None:
    with live_lake(live) as lake, lake.writing("raw", "test") as connection:
        connection.execute(
            "INSERT INTO raw.ingest_counts BY NAME SELECT 'lossy' AS project, 'b' AS batch_id, 's' AS source_id, "
            "now() AS ingested_at, date_trunc('hour', now()) AS hour, 'sentry' AS door, 'error' AS category, "
            "unnest(['received', 'stored', 'lost', 'lost']) AS outcome, "
            "unnest(['', '', 'queue_overflow', 'ratelimit_backoff']) AS reason, unnest([5, 5, 3, 1]) AS quantity"
        )

    (row,) = ask(live, "/api/v1/ingest/ledger?project=lossy&category=error").json()["rows"]

    assert (row["sent"], row["stored"], row["lost"], row["balance"]) == (9, 5, 4, 0)
    assert row["lost_because"] == {"queue_overflow": 3, "ratelimit_backoff": 1}
    assert ask(live, "/api/v1/ingest/ledger?project=lossy&category=log").json()["rows"] == []


def test_the_ledger_comes_in_pages(live: Live) -> None:
    with live_lake(live) as lake, lake.writing("raw", "test") as connection:
        connection.execute(
            "INSERT INTO raw.ingest_counts BY NAME SELECT 'paged' AS project, 'p' AS batch_id, 's' AS source_id, "
            "now() AS ingested_at, date_trunc('hour', now()) - to_hours(n) AS hour, 'metrics' AS door, "
            "'metric' AS category, unnest(['received', 'stored']) AS outcome, '' AS reason, 1 AS quantity "
            "FROM range(5) AS hours(n)"
        )
    url = "/api/v1/ingest/ledger?project=paged"

    pages = [ask(live, f"{url}&limit=2&offset={offset}").json() for offset in (0, 2, 4)]
    hours = [row["hour"] for page in pages for row in page["rows"]]

    assert [len(page["rows"]) for page in pages] == [2, 2, 1]
    assert [page["more"] for page in pages] == [True, True, False]
    assert hours == sorted(hours, reverse=True)
    assert {page["totals"]["stored"] for page in pages} == {5}
    assert len(ask(live, f"{url}&hours=2").json()["rows"]) in (2, 3)


@pytest.mark.parametrize("query", ["hours=0", "hours=x", "limit=100000", "offset=-1", "limit=99999999999999999999"])
def test_the_ledger_refuses_what_it_cannot_answer(live: Live, query: str) -> None:
    assert ask(live, f"/api/v1/ingest/ledger?{query}").status_code == 422


def test_metrics_are_readable_by_prometheus_and_count_what_was_sent(live: Live) -> None:
    send(live, str(live.key("measured")["key"]), [{"metric": "m", "value": 1}] * 3)
    live.until("SELECT 1 FROM raw.metric_samples WHERE project = 'measured'")

    answer = ask(live, "/metrics")
    values = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    openmetrics = ask(live, "/metrics", Accept="application/openmetrics-text; version=1.0.0")

    assert answer.headers["content-type"].startswith("text/plain")
    assert values["quality_ingest_items_total", ("category", "metric"), ("door", "metrics")] >= 3
    assert values["quality_ingest_requests_total", ("door", "metrics"), ("status", "202")] >= 1
    assert values[("quality_spool_waiting_entries",)] >= 0
    assert values[("process_resident_memory_bytes",)] > 1e6
    assert openmetrics.headers["content-type"].startswith("application/openmetrics-text")
    assert openmetrics.text.endswith("# EOF\n")


def test_status_says_what_waits_while_the_lake_is_held(live: Live) -> None:
    key = str(live.key("waiting")["key"])
    with locks.hold(live.settings, "raw", "test"):
        send(live, key, [{"metric": "m", "value": 1}])
        time.sleep(1.5)
        spool = ask(live, f"{MONITORING}/status").json()["spool"]
        # a drain gets a minute before the service says that it is not ready
        assert httpx.get(f"{live.base}/health/ready").json() == {"status": "ok", "reasons": {}}
    live.until("SELECT 1 FROM raw.metric_samples WHERE project = 'waiting'")

    assert spool["waiting"] >= 1
    assert spool["lag_seconds"] > 1


def test_ready_says_that_the_state_is_out_of_reach(live: Live) -> None:
    file = live.settings.root / "state" / "state.sqlite"
    hidden = file.with_suffix(".hidden")
    live.stop()
    file.rename(hidden)
    try:
        live.start()
        answer = httpx.get(f"{live.base}/health/ready")
    finally:
        live.stop()
        file.unlink(missing_ok=True)
        hidden.rename(file)
        live.start()

    assert answer.status_code == 503
    assert set(answer.json()["reasons"]) == {"state"}


def test_an_idle_service_stays_small(live: Live) -> None:
    live.stop()
    live.start()
    ask(live, f"{MONITORING}/status")
    ask(live, "/metrics")

    assert live.process is not None
    assert psutil.Process(live.process.pid).memory_info().rss < 150_000_000


def live_lake(live: Live) -> Any:
    return closing(Lake(live.settings))
