"""Spans and transactions of Sentry: operation, route, method, status, failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quality_platform.api.ingest.contract import Decoding
from quality_platform.api.ingest.sentry.calls import Call, is_error, operation_of, route_and_method
from quality_platform.api.ingest.sentry.decode import decode
from quality_platform.model.tables import RAW_TABLES
from quality_platform.spool.item import Entry

NOW = 1_800_000_000_000_000
TIMES = {"start_timestamp": 1_800_000_000.0, "timestamp": 1_800_000_000.25}


def call(op: str, name: str = "", **data: object) -> Call:
    return Call(name=name, op=op, start=0, end=0, data={key.replace("__", "."): value for key, value in data.items()})


def rows(kind: str, payload: object) -> list[dict[str, Any]]:
    body = b'{}\n{"type":"%s"}\n%s' % (kind.encode(), json.dumps(payload).encode())
    found = decode(Entry("shop", "sentry", NOW, body, {"path": "/api/1/envelope/"}), Decoding(b"s" * 32))
    return [
        dict(zip(RAW_TABLES[table].schema.names, row, strict=True))
        for group in found.groups
        for table, row in group.rows
    ]


@pytest.mark.parametrize(
    ("one", "operation"),
    [
        (call("http.server"), "http.server"),
        (call("http.client.stream"), "http.client"),
        (call("db"), "database"),
        (call("db.sql.query"), "database"),
        (call("db.redis"), "cache"),
        (call("db", db__system="redis"), "cache"),
        (call("cache.put"), "cache"),
        (call("queue.task.celery"), "queue"),
        (call("ui.click"), "other"),
        (call("dbt.run"), "other"),
        (call(""), "other"),
        (call("", db__system__name="postgresql"), "database"),
        (call("", messaging__system="kafka"), "queue"),
        (call("", http__request__method="GET", http__route="/a"), "http.server"),
        (call("", http__request__method="GET"), "http.client"),
    ],
)
def test_operations(one: Call, operation: str) -> None:
    assert operation_of(one) == operation


@pytest.mark.parametrize(
    ("one", "route", "method"),
    [
        (call("http.server", "GET /orders/:id"), "/orders/:id", "GET"),
        (call("http.server", "/orders/{id}", http__request__method="POST"), "/orders/{id}", "POST"),
        (call("http.server", "GET /orders/7", http__route="/orders/:id"), "/orders/:id", "GET"),
        (call("http.client", "GET https://u:pw@x.example:8080/a/7?key=secret"), "x.example:8080/a/{id}", "GET"),
        (call("http.client", "fetch", url="https://x.example/b#part"), "x.example/b", None),
        (call("db", "select * from t where a='x'", db__system="mysql"), "select * from t where a=?", "SELECT"),
        (call("db", "find", db__query__text="SELECT 1", db__operation__name="SELECT"), "SELECT ?", "SELECT"),
        (call("db", '{"find":"users","mail":"b@x.y"}', db__operation="find", db__mongodb__collection="users"),
         "find users", "find"),
        (call("db.redis", "GET session:ab12"), "GET session:?", "GET"),
        (call("cache.get", "user:5"), "user:?", "GET"),
        (call("cache.put", "", cache__key=["user:5", "user:6"]), "user:?", "PUT"),
        (call("queue.publish", "send", messaging__destination__name="mail"), "mail", None),
        (call("ui.click", "pay"), "pay", None),
        (call("ui.click"), "ui.click", None),
    ],
)  # fmt: skip
def test_routes_and_methods(one: Call, route: str, method: str | None) -> None:
    assert route_and_method(one, operation_of(one)) == (route, method)


def test_a_transaction_that_is_named_by_its_url_loses_identifiers() -> None:
    contexts = {"trace": {"op": "http.server"}}
    for source, route in (("url", "/orders/{id}"), ("route", "/orders/7"), ("custom", "/orders/7")):
        payload = {**TIMES, "contexts": contexts, "transaction": "/orders/7", "transaction_info": {"source": source}}
        assert rows("transaction", payload)[0]["route"] == route


@pytest.mark.parametrize(
    ("status", "http_status", "failed"),
    [
        ("ok", None, False), (None, None, False), ("cancelled", None, False), ("not_found", 404, False),
        ("not_found", None, True), ("internal_error", 500, True), ("ok", 503, True), ("internal_error", 200, True),
        ("error", None, True), ("error", 404, True), (None, 404, False),
    ],
)  # fmt: skip
def test_failures(status: str | None, http_status: int | None, failed: bool) -> None:
    assert is_error(status, http_status) is failed


def test_a_transaction_and_its_spans_share_what_the_transaction_says() -> None:
    trace = {"trace_id": "a" * 32, "span_id": "b" * 16, "op": "http.server", "status": "internal_error",
             "data": {"service.name": "checkout"}}  # fmt: skip
    payload = {
        **TIMES, "event_id": "c" * 32, "transaction": "/pay", "release": "shop@1.2", "environment": "prod",
        "user": {"id": "7"}, "contexts": {"trace": trace, "response": {"status_code": 502}},
        "spans": [{**TIMES, "trace_id": "a" * 32, "span_id": "d" * 16, "parent_span_id": "b" * 16, "op": "db"}],
    }  # fmt: skip

    transaction, span = rows("transaction", payload)

    assert (transaction["event_id"], span["event_id"]) == ("c" * 32, f"{'a' * 32}-{'d' * 16}")
    assert (transaction["status"], transaction["is_error"], transaction["duration_ms"]) == (502, True, 250.0)
    assert span["parent_span_id"] == transaction["span_id"]
    for column in ("service", "release", "environment", "trace_id"):
        assert span[column] == transaction[column] is not None
    assert len(transaction["user_key"]) == 32


def test_a_span_without_instants_is_refused_and_the_others_kept() -> None:
    found = rows("span", {"items": [{"name": "bad"}, {"name": "good", "start_timestamp": TIMES["start_timestamp"],
                                                      "end_timestamp": TIMES["timestamp"]}]})  # fmt: skip

    assert [row["route"] for row in found] == ["good"]


def test_a_single_span_of_the_first_version_is_a_row() -> None:
    (row,) = rows(
        "span", {**TIMES, "op": "cache.get", "description": "k", "data": {"cache.hit": True}, "span_id": "d" * 16}
    )

    assert (row["operation"], row["cache_hit"], row["service"]) == ("cache", True, "shop")
