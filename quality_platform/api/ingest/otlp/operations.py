"""What a span was: a request, a call to another service, a statement, a cache's command, a message.

The attributes' names are OpenTelemetry's semantic conventions, the stable ones first, then those before them, which
most instrumentations still send.

Belongs here: from kind and attributes to operation, route, method, system. Does not belong here: times, ids, rows
(`traces.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from quality_platform.api.ingest.otlp.attributes import text_in
from quality_platform.api.ingest.route_names import path_pattern
from quality_platform.api.ingest.statements import KEY_VALUE, key_pattern, statement, verb

SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
"""Kinds of spans; 1 is internal, 0 unknown."""

Values = Mapping[str, Any]

_SYSTEM = ("db.system.name", "db.system")
_STATEMENT = ("db.query.text", "db.statement")
_COMMAND = ("db.operation.name", "db.operation")
_COLLECTION = ("db.collection.name", "db.sql.table", "db.mongodb.collection", "db.cassandra.table")
_METHOD = ("http.request.method", "http.method")
_URL = ("url.full", "http.url")
_PATH = ("url.path", "http.target")
_HOST = ("server.address", "http.host", "net.peer.name")
_QUEUE = ("messaging.destination.template", "messaging.destination.name", "messaging.destination")
_QUEUE_ACTION = ("messaging.operation.name", "messaging.operation.type", "messaging.operation")
_CACHE_KEY = ("cache.key", "db.redis.key")
_CACHE_HIT = ("cache.hit", "cache_hit")


@dataclass(frozen=True, slots=True)
class Operation:
    """A span in the words of `raw.request_samples`."""

    operation: str
    route: str
    method: str | None = None
    system: str | None = None
    cache_hit: bool | None = None


def operation_of(name: str, kind: int, values: Values) -> Operation:
    """What the span `name` was."""
    if text_in(values, *_SYSTEM):
        return _database(name, values)
    if text_in(values, *_CACHE_HIT, *_CACHE_KEY):
        return _cache(name, values, None)
    if text_in(values, "messaging.system") or kind in (PRODUCER, CONSUMER):
        return _queue(name, values)
    if kind == SERVER:
        return _server(name, values)
    if kind == CLIENT and text_in(values, *_METHOD, *_URL, "rpc.system"):
        return _client(name, values)
    return Operation("other", name)


def _server(name: str, values: Values) -> Operation:
    route = text_in(values, "http.route") or _procedure(values) or _path(values) or name
    return Operation("http.server", route, text_in(values, *_METHOD), text_in(values, "rpc.system"))


def _client(name: str, values: Values) -> Operation:
    host = text_in(values, *_HOST) or _url(values).hostname or ""
    route = text_in(values, "url.template", "http.route") or _procedure(values) or _path(values)
    where = f"{host}{route}" if route and route.startswith("/") else route
    return Operation("http.client", where or host or name, text_in(values, *_METHOD), text_in(values, "rpc.system"))


def _procedure(values: Values) -> str | None:
    service, method = text_in(values, "rpc.service"), text_in(values, "rpc.method")
    return f"{service}/{method}" if service and method else None


def _path(values: Values) -> str | None:
    path = text_in(values, *_PATH) or _url(values).path
    return path_pattern(path) if path else None


def _url(values: Values) -> Any:
    try:
        return urlsplit(text_in(values, *_URL) or "")
    except ValueError:
        return urlsplit("")


def _database(name: str, values: Values) -> Operation:
    system = text_in(values, *_SYSTEM)
    if system in KEY_VALUE:
        return _cache(name, values, system)
    command, collection = text_in(values, *_COMMAND), text_in(values, *_COLLECTION)
    said = text_in(values, *_STATEMENT)
    if said:
        route = statement(said, system)
    else:
        route = text_in(values, "db.query.summary") or " ".join(part for part in (command, collection) if part)
    return Operation("database", route or name, command or (verb(said) if said else None), system)


def _cache(name: str, values: Values, system: str | None) -> Operation:
    said, key = text_in(values, *_STATEMENT), text_in(values, *_CACHE_KEY)
    command = text_in(values, *_COMMAND) or (verb(said) if said else None)
    if key:
        route = key_pattern(key)
    elif said:
        route = statement(said, system or "redis")
    else:
        route = command or name
    return Operation("cache", route, command, system or text_in(values, "cache.system"), _hit(values))


def _hit(values: Values) -> bool | None:
    found = next((values[name] for name in _CACHE_HIT if name in values), None)
    return found if isinstance(found, bool) else None


def _queue(name: str, values: Values) -> Operation:
    route = text_in(values, *_QUEUE)
    return Operation(
        "queue",
        key_pattern(route) if route else name,
        text_in(values, *_QUEUE_ACTION),
        text_in(values, "messaging.system"),
    )
