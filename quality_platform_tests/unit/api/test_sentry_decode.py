"""Sentry's items into rows and counts, whatever is sent: what is received ends, what is good is kept."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quality_platform.api.ingest.contract import Decoded, Decoding, Inbound, RefusedError
from quality_platform.api.ingest.sentry.decode import decode
from quality_platform.api.ingest.sentry.door import check
from quality_platform.api.ingest.sentry.kinds import KINDS
from quality_platform.model.tables import RAW_TABLES
from quality_platform.spool.item import Entry

NOW = 1_800_000_000_000_000
SECRET = b"s" * 32
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = (
    "event_id", "timestamp", "start_timestamp", "end_timestamp", "level", "logger", "platform", "release", "environment",
    "user", "id", "email", "exception", "values", "type", "value", "module", "mechanism", "handled", "stacktrace",
    "frames", "function", "filename", "lineno", "in_app", "threads", "crashed", "logentry", "message", "params",
    "formatted", "contexts", "trace", "response", "status_code", "trace_id", "span_id", "op", "status", "data", "spans",
    "description", "transaction", "transaction_info", "source", "tags", "request", "items", "attributes", "name", "body",
    "sentry.op", "db.system", "cache.key", "cache.hit", "aggregates", "started", "exited", "crashed", "attrs", "sid",
    "did", "seq", "errors", "duration", "monitor_slug", "discarded_events", "category", "quantity", "reason", "unit",
)  # fmt: skip
SHAPED = st.recursive(
    JSON,
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=8) | st.lists(inner, max_size=3),
    max_leaves=40,
).filter(lambda value: isinstance(value, dict))


def entry(body: bytes, path: str = "/api/1/envelope/", **meta: object) -> Entry:
    return Entry("shop", "sentry", NOW, body, {"path": path, **meta})


def decoded(kind: str, payload: object, **meta: object) -> Decoded:
    body = b'{}\n{"type":"%s"}\n%s\n' % (kind.encode(), json.dumps(payload).encode("utf-8", "replace"))
    return decode(entry(body, **meta), Decoding(SECRET))


def rows(found: Decoded) -> list[dict[str, Any]]:
    """Rows with the names of their columns."""
    return [
        dict(zip(RAW_TABLES[table].schema.names, row, strict=True))
        for group in found.groups
        for table, row in group.rows
    ]


def assert_all_ended(found: Decoded) -> None:
    ended: Counter[str] = Counter()
    for group in found.groups:
        ended[group.category] += len(group.rows)
    for refusal in found.refused:
        ended[refusal.category] += refusal.quantity
    assert +ended == +found.received


@given(
    st.binary() | st.binary().map(lambda rest: b"{}\n" + rest), st.sampled_from(["/api/1/envelope/", "/api/1/store/"])
)
@example(b"eJw=", "/api/1/store/")
@example(b'{"type":"transaction"}', "/api/1/store/")
def test_any_bytes_are_answered_and_counted(body: bytes, path: str) -> None:
    with suppress(RefusedError):
        check(Inbound("POST", path, {}, {}, body, NOW))
    assert_all_ended(decode(entry(body, path), Decoding(SECRET)))


@given(st.sampled_from(sorted(KINDS)), SHAPED)
def test_payloads_of_any_shape_are_decoded(kind: str, payload: object) -> None:
    found = decoded(kind, payload)

    assert_all_ended(found)
    assert not [refusal for refusal in found.refused if refusal.reason == "internal"]
    for row in rows(found):
        assert all(isinstance(value, str | int | float | bool | None) for value in row.values())


BROKEN = (
    st.binary(max_size=40).map(lambda line: line.replace(b"\n", b" ")).map(lambda line: b"?" + line + b"\n"),
    st.binary(max_size=40).map(lambda line: b'{"type":"event"}\n?' + line.replace(b"\n", b" ") + b"\n"),
    st.sampled_from(sorted(KINDS)).map(lambda kind: b'{"type":"%s","length":9999}\n{"cut\n' % kind.encode()),
    st.tuples(st.sampled_from(sorted(KINDS)), SHAPED).map(
        lambda pair: b'{"type":"%s"}\n%s\n' % (pair[0].encode(), json.dumps(pair[1]).encode())
    ),
    st.just(b"\n"),
)


@given(st.lists(st.one_of(*BROKEN), max_size=6), st.data())
def test_good_items_beside_broken_ones_are_kept(broken: list[bytes], data: st.DataObject) -> None:
    good = [b'{"type":"event"}\n{"event_id":"%032x"}\n' % (number + 1) for number in range(3)]
    body = b"{}\n" + b"".join(data.draw(st.permutations([*good, *broken])))

    check(Inbound("POST", "/api/1/envelope/", {}, {}, body, NOW))
    found = decode(entry(body), Decoding(SECRET))

    assert_all_ended(found)
    assert {"%032x" % (number + 1) for number in range(3)} <= {group.identity for group in found.groups}


def test_the_same_bytes_give_the_same_rows() -> None:
    body = b'{}\n{"type":"sessions"}\n{"aggregates":[{"exited":2}]}\n{"type":"log"}\n{"items":[{"body":"a"}]}\n'

    assert decode(entry(body), Decoding(SECRET)) == decode(entry(body), Decoding(SECRET))


def test_what_is_over_the_quota_is_refused_and_the_rest_kept() -> None:
    payload = {"start_timestamp": 1_800_000_000.0, "timestamp": 1_800_000_001.0}
    transaction = {**payload, "spans": [payload, payload]}

    found = decoded("transaction", transaction, over_quota=["span"])

    assert found.received == {"transaction": 1, "span": 2}
    assert [(one.category, one.reason, one.quantity, one.message) for one in found.refused] == [
        ("span", "over_quota", 2, "")
    ]
    assert [group.category for group in found.groups] == ["transaction"]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("attachment", "not_kept"), ("replay_event", "not_kept"), ("profile", "not_kept"), ("new", "unknown_type")],
)
def test_what_is_not_kept_is_counted_without_being_put_aside(kind: str, reason: str) -> None:
    (refusal,) = decoded(kind, {}).refused

    assert (refusal.category, refusal.reason, refusal.message) == ("other", reason, "")


@pytest.mark.parametrize(
    ("kind", "payload", "items"),
    [
        ("event", {}, {"error": 1}),
        ("transaction", {"start_timestamp": 1, "spans": [{"start_timestamp": 1}] * 3}, {"transaction": 1, "span": 3}),
        ("span", {"items": [{"start_timestamp": 1}] * 2}, {"span": 2}),
        ("log", {"items": [{"timestamp": 1}] * 4}, {"log": 4}),
        ("trace_metric", {"items": [{"timestamp": 1}] * 4}, {"metric": 4}),
        ("sessions", {"aggregates": [{"started": 1, "exited": 1}] * 2}, {"session": 2}),
        ("session", {}, {"session": 1}),
        ("check_in", {}, {"monitor": 1}),
        ("client_report", {}, {}),
        ("attachment", {}, {"other": 1}),
    ],
)
def test_the_door_counts_what_decoding_finds(kind: str, payload: object, items: dict[str, int]) -> None:
    body = b'{}\n{"type":"%s"}\n%s\n' % (kind.encode(), orjson.dumps(payload))

    checked = check(Inbound("POST", "/api/1/envelope/", {}, {}, body, NOW))

    assert checked.items == items == decode(entry(body), Decoding(SECRET)).received
    assert checked.reports == (kind == "client_report")
