"""What a span's attributes make of it, by the stable conventions and by the older ones."""

from __future__ import annotations

from typing import Any

import pytest

from quality_platform.api.ingest.otlp.exceptions import exceptions_in, handled, platform_of
from quality_platform.api.ingest.otlp.logs import level_of
from quality_platform.api.ingest.otlp.operations import CLIENT, CONSUMER, PRODUCER, SERVER, Operation, operation_of

INTERNAL = 1
UUID = "6a4c8a3e-3a8c-4a55-9f35-2c39f0d1f1ab"


@pytest.mark.parametrize(
    ("kind", "values", "found"),
    [
        (SERVER, {"http.route": "/a/{id}", "http.request.method": "GET"}, Operation("http.server", "/a/{id}", "GET")),
        (SERVER, {"url.path": "/a/42", "http.method": "GET"}, Operation("http.server", "/a/{id}", "GET")),
        (SERVER, {"http.target": f"/a/{UUID}?token=1"}, Operation("http.server", "/a/{id}")),
        (SERVER, {"http.url": "https://shop.example.com/a?b=c"}, Operation("http.server", "/a")),
        (SERVER, {"rpc.system": "grpc", "rpc.service": "Shop", "rpc.method": "Buy"},
         Operation("http.server", "Shop/Buy", None, "grpc")),
        (SERVER, {}, Operation("http.server", "name")),
        (CLIENT, {"url.full": "https://u:p@api.example.com/v1/9?k=1", "http.request.method": "PUT"},
         Operation("http.client", "api.example.com/v1/{id}", "PUT")),
        (CLIENT, {"http.method": "GET", "server.address": "api"}, Operation("http.client", "api", "GET")),
        (CLIENT, {"url.template": "/v1/{n}", "server.address": "api", "http.method": "GET"},
         Operation("http.client", "api/v1/{n}", "GET")),
        (CLIENT, {"url.full": "http://[bad", "http.method": "GET"}, Operation("http.client", "name", "GET")),
        (CLIENT, {"rpc.system": "grpc", "rpc.service": "Shop", "rpc.method": "Buy"},
         Operation("http.client", "Shop/Buy", None, "grpc")),
        (CLIENT, {"db.system.name": "postgresql", "db.query.text": "select * from a where b = 'x'"},
         Operation("database", "select * from a where b = ?", "SELECT", "postgresql")),
        (CLIENT, {"db.system": "mongodb", "db.operation": "find", "db.mongodb.collection": "users"},
         Operation("database", "find users", "find", "mongodb")),
        (CLIENT, {"db.system": "sqlite"}, Operation("database", "name", None, "sqlite")),
        (CLIENT, {"db.system": "redis", "db.statement": "SET user:7 secret"},
         Operation("cache", "SET user:?", "SET", "redis")),
        (INTERNAL, {"cache.key": "user:7", "cache.hit": True}, Operation("cache", "user:?", None, None, True)),
        (INTERNAL, {"cache.hit": False}, Operation("cache", "name", None, None, False)),
        (CLIENT, {"db.system": "memcached", "db.operation": "get", "cache.hit": "yes"},
         Operation("cache", "get", "get", "memcached", None)),
        (PRODUCER, {"messaging.system": "kafka", "messaging.destination.name": "orders", "messaging.operation.type": "publish"},
         Operation("queue", "orders", "publish", "kafka")),
        (CONSUMER, {}, Operation("queue", "name")),
        (INTERNAL, {"messaging.system": "sqs", "messaging.destination": "reply-1234"}, Operation("queue", "reply-?", None, "sqs")),
        (INTERNAL, {}, Operation("other", "name")),
        (CLIENT, {}, Operation("other", "name")),
        (0, {"http.method": 7, "db.system": ""}, Operation("other", "name")),
    ],
)  # fmt: skip
def test_operations(kind: int, values: dict[str, Any], found: Operation) -> None:
    assert operation_of("name", kind, values) == found


PYTHON = 'Traceback (most recent call last):\n  File "/app/shop/cart.py", line 7, in add\n    x\nValueError: no stock\n'
NODE = "TypeError: x is not a function\n    at add (/app/cart.js:7:3)\n    at main (/app/index.js:1:1)"


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, []),
        ({"exception.type": "ValueError", "exception.message": "no stock"}, [("ValueError", "no stock", [])]),
        ({"exception.message": "no stock"}, [(None, "no stock", [])]),
        ({"exception.type": "ValueError", "exception.message": "no stock", "exception.stacktrace": PYTHON},
         [("ValueError", "no stock", ["add"])]),
        ({"exception.stacktrace": PYTHON}, [("ValueError", "no stock", ["add"])]),
        ({"exception.type": "TypeError", "exception.stacktrace": NODE},
         [("TypeError", "x is not a function", ["main", "add"])]),
        ({"exception.type": "Oops", "exception.stacktrace": "goroutine 1 [running]:\nmain.main()\n\t/app/main.go:3"},
         [("Oops", "", [])]),
        ({"exception.stacktrace": "goroutine 1 [running]:"}, [(None, "", [])]),
        ({"exception.type": 7, "exception.message": ["a"]}, [("7", '["a"]', [])]),
    ],
)  # fmt: skip
def test_exceptions(values: dict[str, Any], found: list[tuple[str | None, str, list[str]]]) -> None:
    chain = exceptions_in(values)
    assert [(one.type, one.message, [frame.function for frame in one.frames]) for one in chain] == found


@pytest.mark.parametrize(
    ("escaped", "found"),
    [(True, False), (False, True), ("true", False), ("False", True), (None, None), ("maybe", None)],
)
def test_what_escaped_was_not_handled(escaped: object, found: bool | None) -> None:
    assert handled({"exception.escaped": escaped}) is found


@pytest.mark.parametrize(
    ("number", "text", "level"),
    [
        (24, "", "fatal"), (21, "", "fatal"), (20, "INFO", "error"), (17, "", "error"), (16, "", "warning"),
        (13, "", "warning"), (12, "", "info"), (9, "", "info"), (8, "", "debug"), (1, "", "debug"),
        (0, "WARN", "warning"), (0, "critical", "fatal"), (0, "", None), (0, "Notice me", None),
    ],
)  # fmt: skip
def test_levels(number: int, text: str, level: str | None) -> None:
    assert level_of(number, text) == level


def test_platforms() -> None:
    assert [platform_of(name) for name in ("python", "nodejs", "webjs", None)] == ["python", "node", "javascript", None]
