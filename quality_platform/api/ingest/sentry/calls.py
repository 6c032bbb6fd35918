"""What a span or a transaction says it did, as `raw.request_samples` has it: operation, route, method, status, failure.

Belongs here: the meaning of `op`, status and data. Does not belong here: where spans are found (`spans.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quality_platform.api.ingest.route_names import address_pattern, method_and_route, path_pattern
from quality_platform.api.ingest.sentry.fields import name, number, some_text, truth, whole
from quality_platform.api.ingest.statements import KEY_VALUE, key_pattern, statement, verb

_FAMILIES = {"db": "database", "cache": "cache", "queue": "queue"}
_FINE = frozenset(("ok", "cancelled", "unknown", "unset"))
_FAULTS = frozenset(
    ("error", "internal_error", "unknown_error", "unavailable", "deadline_exceeded", "data_loss", "unimplemented")
)
"""Statuses that are a failure whatever the HTTP status: Sentry's names for 500 and above."""


@dataclass(frozen=True, slots=True)
class Call:
    """A span of any version, or a transaction: `start` and `end` as the client wrote them."""

    name: str
    op: str
    start: Any
    end: Any
    trace_id: Any = None
    span_id: Any = None
    parent_id: Any = None
    status: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    named_by_url: bool = False


def first(data: Mapping[str, Any], *names: str) -> Any:
    """The value of the first of `names` that is there: clients of all ages spell them differently."""
    return next((data[each] for each in names if data.get(each) is not None), None)


def operation_of(call: Call) -> str:
    """One of the table's operations."""
    family = _FAMILIES.get(call.op.partition(".")[0])
    if family:
        return "cache" if system_of(call) in KEY_VALUE else family
    for kind in ("http.server", "http.client"):
        if call.op.startswith(kind):
            return kind
    return "other" if call.op else _operation_of_data(call.data)


def _operation_of_data(data: Mapping[str, Any]) -> str:
    """For spans that OpenTelemetry's instrumentations made, which have no `op`."""
    system = some_text(first(data, "db.system.name", "db.system"))
    if system:
        return "cache" if system in KEY_VALUE else "database"
    if first(data, "messaging.system"):
        return "queue"
    if first(data, "http.request.method", "http.method"):
        answered = "http.route" in data or first(data, "sentry.kind", "otel.kind") in ("server", "SERVER")
        return "http.server" if answered else "http.client"
    return "other"


def route_and_method(call: Call, operation: str) -> tuple[str, str | None]:
    """The route without values, and the method, verb or command."""
    if operation == "database":
        return _database(call)
    if operation == "cache":
        return _cache(call)
    if operation == "queue":
        return some_text(first(call.data, "messaging.destination.name")) or call.name or call.op, None
    if operation == "other":
        return call.name or call.op, None
    return _http(call, operation)


def _database(call: Call) -> tuple[str, str | None]:
    system = system_of(call)
    text = some_text(first(call.data, "db.query.text", "db.statement")) or call.name
    said = some_text(first(call.data, "db.operation.name", "db.operation"))
    if text[:1] in ("{", "["):  # a document database's query holds little but values
        collection = some_text(first(call.data, "db.collection.name", "db.mongodb.collection"))
        return " ".join(part for part in (said, collection) if part) or call.op, said
    return statement(text, system) or call.op, said or verb(text)


def _cache(call: Call) -> tuple[str, str | None]:
    text = some_text(first(call.data, "db.query.text", "db.statement")) or call.name
    if not call.op.startswith("cache"):
        return statement(text, "redis") or call.op, verb(text)
    key = call.data.get("cache.key")
    shown = some_text(key[0] if isinstance(key, list) and key else key) or text
    return key_pattern(shown) or call.op, call.op.rpartition(".")[2].upper()


def _http(call: Call, operation: str) -> tuple[str, str | None]:
    method, route = method_and_route(call.name)
    method = method or some_text(first(call.data, "http.request.method", "http.method", "method"))
    if operation == "http.client":
        url = some_text(first(call.data, "url.full", "url")) or route
        return address_pattern(url if "://" in url else route) if route else call.op, method
    template = some_text(call.data.get("http.route"))
    if template is None and call.named_by_url:
        return path_pattern(route) if route else call.op, method
    return (template or route).partition("?")[0] or call.op, method


def system_of(call: Call) -> str | None:
    """The database or cache system, in small letters."""
    system = name(first(call.data, "db.system.name", "db.system", "cache.system"), 80)
    if system is None and call.op.startswith("db.") and call.op[3:] in KEY_VALUE:
        return call.op[3:]
    return system.lower() if system else None


def status_of(data: Mapping[str, Any]) -> int | None:
    """The HTTP status."""
    return whole(first(data, "http.response.status_code", "http.status_code", "status_code"))


def is_error(status: str | None, http_status: int | None) -> bool:
    """Whether it failed. A request that was answered with 404 did not, though its span says `not_found`."""
    if http_status is not None and http_status >= 500:
        return True
    return status in _FAULTS or (http_status is None and status is not None and status not in _FINE)


def cache_hit(data: Mapping[str, Any]) -> bool | None:
    """Whether the cache had it."""
    return truth(data.get("cache.hit"))


def response_bytes(data: Mapping[str, Any]) -> int | None:
    """Size of the answer."""
    size = number(first(data, "http.response.body.size", "http.response_content_length", "cache.item_size"))
    return int(size) if size is not None and 0 <= size < 2**53 else None
