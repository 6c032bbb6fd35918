"""Prometheus' remote write, byte for byte as Prometheus sends it: protobuf in raw snappy."""

from __future__ import annotations

import struct
import time

import cramjam
import httpx

from quality_platform.api.ingest.remote_write import WriteRequest
from quality_platform_tests.data.live import Live

STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]


def series(name: str, *values: float, **labels: str) -> dict[str, object]:
    now = int(time.time() * 1000)
    pairs = [{"name": "__name__", "value": name}, *({"name": key, "value": value} for key, value in labels.items())]
    return {"labels": pairs, "samples": [{"value": value, "timestamp": now + n} for n, value in enumerate(values)]}


def post(live: Live, project: str, body: bytes, **headers: str) -> httpx.Response:
    prometheus = live.key(project)["prometheus"]
    given = {
        "Authorization": f"Bearer {prometheus['bearer_token']}",
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "User-Agent": "Prometheus/3.0.0",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
        **headers,
    }
    return httpx.post(prometheus["remote_write_url"], content=body, headers=given)


def test_samples_arrive_once_and_the_end_of_a_series_is_counted(live: Live) -> None:
    request = WriteRequest(
        timeseries=[
            series("http_requests_total", 5.0, 6.0, instance="10.0.0.5:9090", job="api", code="200"),
            series("temperature", 21.5, STALE, float("inf"), job="room"),
        ]
    )
    body = bytes(cramjam.snappy.compress_raw(request.SerializeToString()))

    assert [post(live, "prom", body).status_code for _ in range(2)] == [204, 204]

    live.until_ledger("prom", {"metric": {"received": 10, "stored": 3, "duplicate": 3, "rejected": 4}})
    rows = live.sql(
        "SELECT metric, subject, labels, value, kind FROM raw.metric_samples WHERE project = 'prom' ORDER BY ALL"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("http_requests_total", "10.0.0.5:9090", '{"code":"200","job":"api"}', 5.0, "counter"),
        ("http_requests_total", "10.0.0.5:9090", '{"code":"200","job":"api"}', 6.0, "counter"),
        ("temperature", "room", "{}", 21.5, "gauge"),
    ]
    reasons = live.sql(
        "SELECT DISTINCT reason FROM raw.ingest_counts WHERE project = 'prom' AND outcome = 'rejected' ORDER BY 1"
    )
    assert [row["reason"] for row in reasons] == ["not_finite", "stale"]


def test_what_will_never_be_readable_is_given_up(live: Live) -> None:
    assert post(live, "unreadable", b"no snappy").status_code == 400
    assert post(live, "unreadable", bytes(cramjam.snappy.compress_raw(b"\xff\xff"))).status_code == 400
    # a preamble that announces 4 GB
    assert post(live, "unreadable", b"\xff\xff\xff\xff\x0f\x00").status_code == 413


def test_version_2_is_declined_so_that_prometheus_falls_back(live: Live) -> None:
    media_type = "application/x-protobuf;proto=io.prometheus.write.v2.Request"
    body = bytes(cramjam.snappy.compress_raw(b""))
    assert post(live, "version2", body, **{"Content-Type": media_type}).status_code == 415
