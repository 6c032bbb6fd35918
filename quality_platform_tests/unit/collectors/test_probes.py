"""Probes against real servers and processes: up, down and why, never an exception, never longer than their time."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import psutil
import pytest

from quality_platform.collectors.intervals import is_due
from quality_platform.collectors.probes import COLLECTOR
from quality_platform.collectors.probes.attempts import attempt
from quality_platform.collectors.probes.round import attempt_all
from quality_platform.model.configuration import ProjectConfig, QualityConfig
from quality_platform.model.live_sources import Probe, ProbeExpectation
from quality_platform_tests.data.certificates import certificate
from quality_platform_tests.data.receivers import (
    answering,
    babbling,
    dripping,
    endless,
    hanging_up,
    late,
    receiving,
    resetting,
    stalling,
)
from quality_platform_tests.data.waiting import WAIT_SECONDS

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def probe(**options: Any) -> Probe:
    return Probe(name="p", **{"timeout_seconds": 60.0, **options})


def http(url: str, **options: Any) -> Any:
    return attempt(probe(http=url, **options), {})


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_an_answer_is_up_with_its_status_and_duration() -> None:
    with receiving(answering(204)) as server:
        outcome = http(server.url("/health?secret=hunter2"))
    assert (outcome.reason, outcome.status, outcome.target) == (None, 204, f"127.0.0.1:{server.port}")
    assert 0 < outcome.duration_ms < 60_000
    assert server.requests[0].headers["User-Agent"].startswith("quality-platform/")
    assert server.requests[0].path == "/health?secret=hunter2"


@pytest.mark.parametrize(
    ("status", "expect", "reason"),
    [
        (200, {}, None),
        (302, {}, None),
        (404, {}, "status 404"),
        (500, {}, "status 500"),
        (404, {"status": (404,)}, None),
        (200, {"status": (204, 205)}, "status 200"),
        (200, {"body": "ready"}, None),
        (200, {"body": "Ready"}, "the expected text is not in the answer"),
        (503, {"body": "ready"}, "status 503"),
    ],
)
def test_what_is_expected_decides(status: int, expect: dict[str, Any], reason: str | None) -> None:
    with receiving(answering(status, b"it is ready")) as server:
        outcome = http(server.url(), expect=ProbeExpectation(**expect))
    assert outcome.reason == reason
    assert outcome.status == status


def test_the_expected_text_is_found_in_a_packed_answer_too() -> None:
    import gzip

    body = gzip.compress(b"x" * 5000 + b"ready")
    with receiving(answering(200, body, Content_Encoding="gzip")) as server:
        assert http(server.url(), expect=ProbeExpectation(body="ready")).reason is None


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [(late(60), "timeout"), (dripping, "timeout"), (stalling, "timeout"), (resetting, "reset"), (babbling, "Protocol"),
     (hanging_up, "Protocol")],
    ids=["late", "dripping", "stalling", "resetting", "babbling", "hanging up"],
)  # fmt: skip
def test_bad_servers_are_down_in_time(behaviour: Any, reason: str) -> None:
    with receiving(behaviour) as server:
        outcome = http(server.url(), timeout_seconds=0.6 if reason == "timeout" else 60.0)
    assert reason in outcome.reason
    assert outcome.duration_ms is None


def test_a_body_without_end_is_read_as_far_as_needed() -> None:
    with receiving(endless) as server:
        outcome = http(server.url(), expect=ProbeExpectation(body="y"), timeout_seconds=60.0)
    assert outcome.reason == "the expected text is not in the answer"


def test_redirects_are_followed_only_when_wanted() -> None:
    with receiving(answering(200, b"here")) as other, receiving(answering(302, Location=other.url("/x"))) as server:
        assert http(server.url()).status == 302
        assert other.requests == []
        assert http(server.url(), follow_redirects=True).status == 200
    with receiving(answering(302, Location="/hook")) as circle:
        assert "redirects" in http(circle.url(), follow_redirects=True).reason


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://nowhere.invalid/",
        "http://[::1",
        "http://a..b/",
        "http://h:99999/",
        "https://127.0.0.1:1/",
    ],
)
def test_what_cannot_be_reached_is_down_with_a_reason(url: str) -> None:
    outcome = http(url)
    assert outcome.reason
    assert outcome.status is None


@pytest.fixture
def files(tmp_path: Path) -> Callable[[int], tuple[str, ssl.SSLContext]]:
    def make(days: int) -> tuple[str, ssl.SSLContext]:
        made = certificate(tmp_path, "localhost", days=days)
        ca = tmp_path / f"ca{days}.pem"
        ca.write_text(made.pem)
        return str(ca), made.server()

    return make


def test_days_of_a_trusted_certificate(files: Any) -> None:
    ca, tls = files(10)
    with receiving(answering(200), tls) as server:
        outcome = http(server.url(host="localhost", scheme="https"), ca_file=ca)
    assert outcome.reason is None
    assert 9.9 < outcome.certificate_days <= 10


def test_a_certificate_that_ended_is_down_and_says_since_when(files: Any) -> None:
    ca, tls = files(-1)
    with receiving(answering(200), tls) as server:
        outcome = http(server.url(host="localhost", scheme="https"), ca_file=ca)
    assert outcome.reason == "the certificate is not trusted"
    assert -1.1 < outcome.certificate_days <= -0.9


def test_an_unknown_authority_and_a_missing_file_are_down(files: Any, tmp_path: Path) -> None:
    _, tls = files(5)
    with receiving(answering(200), tls) as server:
        url = server.url(host="localhost", scheme="https")
        assert http(url).reason == "the certificate is not trusted"
        assert "no certificates" in http(url, ca_file=str(tmp_path / "none.pem")).reason


def test_tcp() -> None:
    with listening() as port:
        outcome = attempt(probe(tcp=f"127.0.0.1:{port}"), {})
        assert (outcome.reason, outcome.target) == (None, f"127.0.0.1:{port}")
        assert outcome.duration_ms > 0
    outcome = attempt(probe(tcp=f"127.0.0.1:{port}"), {})
    assert (outcome.reason, outcome.duration_ms) == ("connection refused", None)
    assert attempt(probe(tcp="nowhere.invalid:80"), {}).reason
    assert attempt(probe(tcp="127.0.0.1:99999"), {}).reason


def test_processes_are_counted_by_name() -> None:
    own = psutil.Process().name()
    outcomes = attempt_all([probe(process=own), probe(process="no such process"),
                            probe(process=own, expect=ProbeExpectation(processes=100_000))])  # fmt: skip
    assert [outcome.reason is None for outcome in outcomes] == [True, False, False]
    assert outcomes[0].processes >= 1
    assert outcomes[1].reason == "0 of 1 processes"


def test_all_of_a_round_are_asked_at_once() -> None:
    asked = threading.Barrier(10, timeout=WAIT_SECONDS)

    def together(handler: BaseHTTPRequestHandler) -> None:
        asked.wait()
        answering(200)(handler)

    with receiving(together) as server:
        outcomes = attempt_all([probe(http=server.url()) for _ in range(10)])
    assert [outcome.reason for outcome in outcomes] == [None] * 10
    assert threading.active_count() < 40


# --- as a source -----------------------------------------------------------------------------------------------------


def config(*probes: Probe, status: Any = "active") -> QualityConfig:
    return QualityConfig(projects=(ProjectConfig(id="shop", probes=probes, status=status),))


def test_rows_have_the_probe_as_subject_and_the_host_as_target(memory: Any) -> None:
    with receiving(answering(200)) as server, listening() as port:
        memory.collect(
            COLLECTOR,
            config(
                Probe(name="home", http=server.url("/?token=hunter2")),
                Probe(name="database", tcp=f"localhost:{port}"),
                Probe(name="gone", tcp="127.0.0.1:1"),
            ),
        )
    found = {(row["subject"], row["metric"]): row for row in memory.rows}
    assert set(found) == {
        ("home", "probe.up"), ("home", "probe.duration_ms"), ("home", "probe.status_code"),
        ("database", "probe.up"), ("database", "probe.duration_ms"), ("gone", "probe.up"),
    }  # fmt: skip
    assert [found[name, "probe.up"]["value"] for name in ("home", "database", "gone")] == [1.0, 1.0, 0.0]
    assert found["home", "probe.up"]["labels"] == f'{{"kind":"http","target":"127.0.0.1:{server.port}"}}'
    assert {row["kind"] for row in memory.rows} == {"gauge"}
    assert memory.batches[0].read_from["down"] == {"gone": "connection refused"}
    assert "hunter2" not in repr(memory.batches) + repr(memory.rows)


def test_each_probe_keeps_its_own_interval(memory: Any) -> None:
    with listening() as port:
        both = config(
            Probe(name="often", tcp=f"127.0.0.1:{port}", interval_seconds=10),
            Probe(name="rarely", tcp=f"127.0.0.1:{port}", interval_seconds=60),
        )
        tried = []
        for seconds in (0, 5, 10, 15, 60, 61):
            batches = memory.collect(COLLECTOR, both, now=NOW + timedelta(seconds=seconds))
            rows = [row for batch in batches for row in batch.tables["metric_samples"].to_pylist()]
            tried.append({row["subject"] for row in rows})
    assert tried == [{"often", "rarely"}, set(), {"often"}, set(), {"often", "rarely"}, set()]


def test_a_probe_that_is_gone_is_forgotten_and_a_new_one_tried_at_once(memory: Any) -> None:
    memory.collect(COLLECTOR, config(Probe(name="old", process="x")))
    (batch,) = memory.collect(COLLECTOR, config(Probe(name="new", process="x")), now=NOW + timedelta(seconds=1))
    assert list(batch.read_from["at"]) == ["new"]


def test_a_paused_project_is_not_probed() -> None:
    assert COLLECTOR.find(config(Probe(name="a", process="x"), status="paused")) == ()


@pytest.mark.parametrize(
    ("last", "due"),
    [(None, True), ("x", True), (70_000_000, True), (70_400_000, True), (70_600_000, False), (99_000_000, False),
     (100_000_000, False), (100_000_001, True)],
)  # fmt: skip
def test_due_means_that_the_interval_has_passed_or_the_clock_went_back(last: object, due: bool) -> None:
    assert is_due(last, 100_000_000, 30) is due
