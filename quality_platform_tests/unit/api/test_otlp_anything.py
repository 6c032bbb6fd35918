"""Whatever comes, a door of OTLP or remote write refuses it or takes it, and each item that it took ends somewhere."""

from __future__ import annotations

import base64
import time
from collections import Counter
from typing import Any

import orjson
import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from quality_platform.api.ingest import remote_write
from quality_platform.api.ingest.contract import Decoded, Decoding, Door, Inbound, RefusedError
from quality_platform.api.ingest.otlp import doors
from quality_platform.api.ingest.otlp.from_json import HEXADECIMAL, message
from quality_platform.collectors.rows import table_of
from quality_platform.model.tables import RAW_TABLES
from quality_platform.spool.item import Entry
from quality_platform_tests.data.protobuf_messages import messages, without_nan

PROTOBUF, JSON = "application/x-protobuf", "application/json"
NOW = int(time.time() * 1e6)
REQUESTS: dict[str, tuple[Door, Any]] = {
    "metrics": (doors.METRICS, ExportMetricsServiceRequest),
    "traces": (doors.TRACES, ExportTraceServiceRequest),
    "logs": (doors.LOGS, ExportLogsServiceRequest),
    "remote_write": (remote_write.DOOR, remote_write.WriteRequest),
}

WAY = frozenset(
    ("resource_metrics", "scope_metrics", "metrics", "data_points", "resource_spans", "scope_spans", "spans", "trace_id",
     "span_id", "resource_logs", "scope_logs", "log_records", "timeseries", "labels", "samples", "name")
)  # fmt: skip
"""Fields on the way to what is an item: chosen at random, one request in a hundred would have one."""


def taken(door: Door, body: bytes, media_type: str) -> tuple[dict[str, int], Decoded]:
    """What `check` and `decode` make of a body. Raises RefusedError, and nothing else."""
    inbound = Inbound("POST", door.paths[0], {}, {"content-type": media_type}, body, NOW)
    checked = door.check(inbound)
    entry = Entry("shop", door.name, NOW, body, {"media_type": media_type})
    decoded = door.decode(entry, Decoding(b"s" * 32))
    if checked.kept is not None:  # another form of the same, which older spools do not have
        entry = Entry("shop", door.name, NOW, checked.kept, {"media_type": media_type, **checked.meta})
        assert door.decode(entry, Decoding(b"s" * 32)) == decoded
    return dict(checked.items), decoded


def taken_or_refused(door: Door, body: bytes, media_type: str) -> tuple[dict[str, int], Decoded] | None:
    """The same; None for what is refused as undecodable."""
    try:
        return taken(door, body, media_type)
    except RefusedError as error:
        if error.status != 400:
            raise
        return None


def ended(decoded: Decoded) -> Counter[str]:
    counts: Counter[str] = Counter()
    for group in decoded.groups:
        counts[group.category] += len(group.rows)
    for refusal in decoded.refused:
        counts[refusal.category] += refusal.quantity
    return +counts


@pytest.mark.parametrize("name", REQUESTS)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_item_of_a_request_ends_somewhere(name: str, data: st.DataObject) -> None:
    door, kind = REQUESTS[name]
    request = data.draw(messages(kind, WAY))

    items, decoded = taken(door, request.SerializeToString(), PROTOBUF)

    assert ended(decoded) == +decoded.received == items
    tables: dict[str, list[Any]] = {}
    for group in decoded.groups:
        for table, row in group.rows:
            tables.setdefault(table, []).append(row)
    for table, rows in tables.items():
        table_of(RAW_TABLES[table], rows)


@pytest.mark.parametrize("name", REQUESTS)
@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([PROTOBUF, JSON, "", "text/plain"]))
def test_random_bytes_are_refused_or_taken(name: str, body: bytes, media_type: str) -> None:
    found = taken_or_refused(REQUESTS[name][0], body, media_type)
    assert found is None or ended(found[1]) == found[0]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["resourceMetrics", "scopeMetrics", "metrics", "gauge", "dataPoints", "asInt", "attributes", "key", "value",
             "resourceSpans", "scopeSpans", "spans", "traceId", "events", "resourceLogs", "scopeLogs", "logRecords", "body",
             "stringValue", "intValue", "bytesValue", "arrayValue", "values", "kvlistValue", "severityNumber"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@pytest.mark.parametrize("name", ["metrics", "traces", "logs"])
@settings(max_examples=40, deadline=None)
@given(values)
def test_random_json_is_refused_or_taken(name: str, found: object) -> None:
    try:
        body = orjson.dumps(found)
    except TypeError:  # integers beyond 64 bits
        return
    answer = taken_or_refused(REQUESTS[name][0], body, JSON)
    assert answer is None or ended(answer[1]) == answer[0]


@pytest.mark.parametrize("name", ["metrics", "traces", "logs"])
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_json_reads_as_protobuf_does(name: str, data: st.DataObject) -> None:
    kind = REQUESTS[name][1]
    request = data.draw(messages(kind, WAY))
    assume(without_nan(request))

    found = _with_hexadecimal_ids(MessageToDict(request, use_integers_for_enums=True))

    assert message(kind, found) == request
    taken(REQUESTS[name][0], orjson.dumps(found), JSON)


def _with_hexadecimal_ids(found: Any, name: str = "") -> Any:
    """The oracle writes ids as base64, OTLP in hexadecimal."""
    if isinstance(found, dict):
        return {key: _with_hexadecimal_ids(value, key) for key, value in found.items()}
    if isinstance(found, list):
        return [_with_hexadecimal_ids(value) for value in found]
    names = {"traceId", "spanId", "parentSpanId"}
    assert len(names) == len(HEXADECIMAL)
    return base64.b64decode(found).hex() if name in names else found
