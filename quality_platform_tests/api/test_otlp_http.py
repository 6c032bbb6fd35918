"""What OTLP clients are told: partial success, undecodable requests, missing keys; and that a retry counts once."""

from __future__ import annotations

import gzip
import time

import httpx
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from quality_platform_tests.data.live import Live

PROTOBUF = "application/x-protobuf"


def metrics(*values: float) -> ExportMetricsServiceRequest:
    points = [{"time_unix_nano": time.time_ns() + n, "as_double": value} for n, value in enumerate(values)]
    scope = {"metrics": [{"name": "load", "gauge": {"data_points": points}}]}
    return ExportMetricsServiceRequest(resource_metrics=[{"scope_metrics": [scope]}])


def send(live: Live, project: str, body: bytes, media_type: str, **headers: str) -> httpx.Response:
    given = {"Authorization": f"Bearer {live.key(project)['key']}", "Content-Type": media_type, **headers}
    return httpx.post(f"{live.base}/v1/metrics", content=body, headers=given)


def test_bad_points_beside_good_ones_are_a_partial_success(live: Live) -> None:
    answer = send(live, "partial", metrics(1.0, float("nan"), 2.0).SerializeToString(), PROTOBUF)

    assert (answer.status_code, answer.headers["content-type"]) == (200, PROTOBUF)
    said = ExportMetricsServiceResponse.FromString(answer.content).partial_success
    assert (said.rejected_data_points, said.error_message) == (1, "value must be a finite number.")
    assert len(live.until("SELECT 1 FROM raw.metric_samples WHERE project = 'partial'", 2)) == 2
    live.until_ledger("partial", {"metric": {"received": 3, "stored": 2, "rejected": 1}})


def test_partial_success_in_json(live: Live) -> None:
    point = {"timeUnixNano": str(time.time_ns()), "asDouble": "NaN"}
    scope = {"metrics": [{"name": "load", "gauge": {"dataPoints": [point]}}]}
    answer = httpx.post(
        f"{live.base}/v1/metrics",
        json={"resourceMetrics": [{"scopeMetrics": [scope]}]},
        headers={"X-Quality-Key": live.key("partial-json")["key"]},
    )

    assert answer.status_code == 200
    assert answer.json() == {
        "partialSuccess": {"rejectedDataPoints": "1", "errorMessage": "value must be a finite number."}
    }


def test_the_same_bytes_again_are_counted_and_not_stored(live: Live) -> None:
    body = metrics(1.0, 2.0).SerializeToString()

    for encoding in ("identity", "gzip"):
        content = gzip.compress(body) if encoding == "gzip" else body
        assert send(live, "otel-again", content, PROTOBUF, **{"Content-Encoding": encoding}).content == b""

    live.until_ledger("otel-again", {"metric": {"received": 4, "stored": 2, "duplicate": 2}})


def test_what_cannot_be_decoded_is_refused_as_a_status(live: Live) -> None:
    answer = send(live, "undecodable", b"\xff\xff", PROTOBUF)
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROTOBUF)
    # google.rpc.Status: code 3 (invalid argument), then the message
    assert answer.content.startswith(b"\x08\x03\x12")
    assert b"ExportMetricsServiceRequest in protobuf" in answer.content

    answer = send(live, "undecodable", b'{"resourceMetrics": 3}', "application/json")
    assert answer.status_code == 400
    assert answer.json() == {"code": 3, "message": "The body is not ExportMetricsServiceRequest in JSON."}

    live.until_ledger("undecodable", {"metric": {"received": 2, "rejected": 2}})


def test_without_a_key_nothing_is_taken(live: Live) -> None:
    answer = httpx.post(f"{live.base}/v1/traces", content=b"", headers={"Content-Type": PROTOBUF})
    assert answer.status_code == 401
    assert answer.content.startswith(b"\x08\x10\x12")


def test_an_empty_request_is_taken(live: Live) -> None:
    for signal in ("traces", "metrics", "logs"):
        headers = {"Authorization": f"Bearer {live.key('nothing')['key']}", "Content-Type": PROTOBUF}
        answer = httpx.post(f"{live.base}/v1/{signal}", content=b"", headers=headers)
        assert (answer.status_code, answer.content) == (200, b"")
