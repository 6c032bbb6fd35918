"""Remote write, decoded: subjects, kinds, what is left out."""

from __future__ import annotations

import struct
import time

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.api.ingest import remote_write
from quality_platform.api.ingest.body import decompressed
from quality_platform.api.ingest.contract import Decoded, Decoding, Inbound, RefusedError
from quality_platform.spool.item import Entry

NOW = int(time.time() * 1e6)
STALE = struct.unpack("<d", remote_write.STALE)[0]
LIMIT = 10_000


def decoded(name: str, value: float = 1.0, **labels: str) -> Decoded:
    pairs = [{"name": key, "value": text} for key, text in {"__name__": name, **labels}.items()]
    request = remote_write.WriteRequest(
        timeseries=[{"labels": pairs, "samples": [{"value": value, "timestamp": NOW // 1000}]}]
    )
    entry = Entry("shop", "remote_write", NOW, request.SerializeToString())
    return remote_write.decode(entry, Decoding(b"s" * 32))


@pytest.mark.parametrize(
    ("labels", "subject", "kept"),
    [
        ({}, "shop", "{}"),
        ({"job": "api"}, "api", "{}"),
        ({"job": "api", "instance": "10.1.2.3:9090"}, "10.1.2.3:9090", '{"job":"api"}'),
        ({"instance": "[fe80::1]:9090"}, "[fe80::1]:9090", "{}"),
        ({"instance": "bob@example.com"}, "[email]", "{}"),
        ({"instance": "", "job": "api"}, "api", '{"instance":""}'),
        ({"job": "api", "token": "hunter2"}, "api", '{"token":"[secret]"}'),
    ],
)
def test_subjects(labels: dict[str, str], subject: str, kept: str) -> None:
    row = decoded("up", **labels).groups[0].rows[0][1]
    assert row[1:3] == (subject, kept)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a_total", "counter"), ("a_count", "counter"), ("a_sum", "counter"), ("a_bucket", "counter"), ("up", "gauge")],
)
def test_kinds(name: str, kind: str) -> None:
    assert decoded(name).groups[0].rows[0][1][5] == kind


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("up", STALE, "stale"),
        ("up", float("nan"), "not_finite"),
        ("up", float("inf"), "not_finite"),
        ("", 1.0, "invalid_metric"),
        ("x" * 201, 1.0, "invalid_metric"),
    ],
)
def test_what_is_left_out_is_counted(name: str, value: float, reason: str) -> None:
    found = decoded(name, value)
    assert found.groups[0].rows == []
    assert [(refusal.reason, refusal.quantity) for refusal in found.refused] == [(reason, 1)]
    assert found.received == {"metric": 1}


def test_native_histograms_are_counted_beside_samples() -> None:
    request = remote_write.WriteRequest(
        timeseries=[{"labels": [{"name": "__name__", "value": "a"}], "histograms": [b"x"]}]
    )
    found = remote_write.decode(Entry("shop", "remote_write", NOW, request.SerializeToString()), Decoding(b""))
    assert [refusal.reason for refusal in found.refused] == ["native_histogram"]
    assert found.received == {"metric": 1}


def test_more_samples_than_a_request_may_have_are_refused() -> None:
    sample = {"value": 1.0}
    request = remote_write.WriteRequest(timeseries=[{"samples": [sample] * (remote_write.MOST_SAMPLES + 1)}])
    inbound = Inbound("POST", "/api/v1/write", {}, {}, request.SerializeToString(), NOW)
    with pytest.raises(RefusedError) as refused:
        remote_write.check(inbound)
    assert refused.value.status == 413


@given(st.binary(max_size=5000))
def test_snappy_is_read(body: bytes) -> None:
    assert decompressed(bytes(cramjam.snappy.compress_raw(body)), "snappy", LIMIT) == body


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (bytes(cramjam.snappy.compress_raw(b"\0" * 50_000)), 413),
        (b"\xff\xff\xff\xff\x0f", 413),
        (b"nonsense", 400),
        (b"", 400),
    ],
)
def test_snappy_that_is_refused(body: bytes, status: int) -> None:
    with pytest.raises(RefusedError) as refused:
        decompressed(body, "snappy", LIMIT)
    assert refused.value.status == status
