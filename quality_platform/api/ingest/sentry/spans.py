"""Transactions and spans of every version: rows of `raw.request_samples`.

Belongs here: where each version keeps its parts, and identities. Does not belong here: what a span's words mean
(`calls.py`).

A transaction is one item, each span in it another. Spans of the second version come in containers without a
transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from quality_platform.api.ingest.contract import Decoded, Group, Refusal
from quality_platform.api.ingest.rows import Request, Row, identifier, instant, request_row
from quality_platform.api.ingest.sentry import calls, fields
from quality_platform.api.ingest.sentry.calls import Call
from quality_platform.api.ingest.sentry.fields import a_list, an_object, name, some_text
from quality_platform.api.ingest.sentry.part import Part
from quality_platform.model.tables_live import REQUEST_SAMPLES

TRANSACTION, SPAN = "transaction", "span"
TABLE = REQUEST_SAMPLES.name
_BY_URL = ("url", "unknown", None)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What spans take from what they came in."""

    release: str | None = None
    environment: str | None = None
    service: str | None = None
    user: str | None = None


def decode_transaction(part: Part) -> Decoded:
    """The transaction's row and those of its spans."""
    event = part.payload
    service = an_object(_trace(event).get("data")).get("service.name")
    shared = _Shared(name(event.get("release")), name(event.get("environment")), name(service))
    identity = fields.event_id(event.get("event_id")) or part.event_id or part.digest
    decoded = Decoded()
    whose = replace(shared, user=fields.user(event.get("user")))
    _add(decoded, TRANSACTION, identity, [_row(_transaction(event), part, whose, identity)])
    spans = a_list(event.get("spans"))
    _add(decoded, SPAN, identity, [_row(_first_version(span), part, shared, None) for span in spans])
    return decoded


def decode_spans(part: Part) -> Decoded:
    """Spans without a transaction: a container of the second version, or one of the first."""
    decoded = Decoded()
    items = part.payload.get("items")
    if isinstance(items, list):
        rows = [_of_second_version(item, part) for item in items]
    else:
        event = part.payload
        shared = _Shared(name(event.get("release")), name(event.get("environment")))
        rows = [_row(_first_version(event), part, shared, None)]
    _add(decoded, SPAN, part.digest, rows)
    return decoded


def _add(decoded: Decoded, category: str, identity: str, judged: list[Row | None]) -> None:
    """Put the rows into one group and count; spans without instants, the Nones, are refused."""
    if not judged:
        return
    decoded.received[category] += len(judged)
    rows = [(TABLE, row) for row in judged if row is not None]
    if rows:
        decoded.groups.append(Group(category, identity, rows))
    missing = len(judged) - len(rows)
    if missing:
        message = "A span needs start_timestamp and timestamp (or end_timestamp), ISO 8601 or seconds since 1970."
        refusal = Refusal(category, "invalid_timestamp", message, "start_timestamp", quantity=missing, table=TABLE)
        decoded.refused.append(refusal)


def _trace(event: dict[str, Any]) -> dict[str, Any]:
    return an_object(an_object(event.get("contexts")).get("trace"))


def _transaction(event: dict[str, Any]) -> Call:
    trace = _trace(event)
    response = an_object(an_object(event.get("contexts")).get("response"))
    tags = event.get("tags")
    data = {
        "http.status_code": tags.get("http.status_code") if isinstance(tags, dict) else None,
        "http.request.method": an_object(event.get("request")).get("method"),
        **an_object(trace.get("data")),
    }
    if response.get("status_code") is not None:
        data["http.response.status_code"] = response["status_code"]
    return Call(
        name=some_text(event.get("transaction")) or "",
        op=some_text(trace.get("op")) or "",
        start=event.get("start_timestamp"),
        end=event.get("timestamp"),
        trace_id=trace.get("trace_id"),
        span_id=trace.get("span_id"),
        parent_id=trace.get("parent_span_id"),
        status=some_text(trace.get("status")),
        data=data,
        named_by_url=an_object(event.get("transaction_info")).get("source") in _BY_URL,
    )


def _first_version(span: Any) -> Call:
    span = an_object(span)
    return Call(
        name=some_text(span.get("description")) or "",
        op=some_text(span.get("op")) or "",
        start=span.get("start_timestamp"),
        end=span.get("timestamp"),
        trace_id=span.get("trace_id"),
        span_id=span.get("span_id"),
        parent_id=span.get("parent_span_id"),
        status=some_text(span.get("status")),
        data=an_object(span.get("data")),
    )


def _of_second_version(item: Any, part: Part) -> Row | None:
    span = an_object(item)
    data = fields.attributes(span.get("attributes"))
    call = Call(
        name=some_text(span.get("name")) or "",
        op=some_text(data.get("sentry.op")) or "",
        start=span.get("start_timestamp"),
        end=span.get("end_timestamp"),
        trace_id=span.get("trace_id"),
        span_id=span.get("span_id"),
        parent_id=span.get("parent_span_id"),
        status=some_text(data.get("sentry.status")) or some_text(span.get("status")),
        data=data,
        named_by_url=data.get("sentry.source", data.get("sentry.span.source")) in _BY_URL[:2],
    )
    shared = _Shared(
        name(data.get("sentry.release")), name(data.get("sentry.environment")), name(data.get("service.name")),
        fields.user_of_attributes(data) if span.get("is_segment") is True else None,
    )  # fmt: skip
    return _row(call, part, shared, None)


def _row(call: Call, part: Part, shared: _Shared, identity: str | None) -> Row | None:
    """The row; None without instants."""
    start, end = instant(call.start), instant(call.end)
    if start is None or end is None:
        return None
    operation = calls.operation_of(call)
    route, method = calls.route_and_method(call, operation)
    status = calls.status_of(call.data)
    trace, span = identifier(call.trace_id, 64), identifier(call.span_id, 64)
    request = Request(
        event_id=identity or f"{trace or part.digest}-{span or start}",
        time=part.time(call.start),
        operation=operation,
        service=shared.service or part.project,
        route=route,
        duration_ms=(end - start) / 1000,
        is_error=calls.is_error(call.status, status),
        method=method,
        status=status,
        system=calls.system_of(call),
        cache_hit=calls.cache_hit(call.data),
        response_bytes=calls.response_bytes(call.data),
        trace_id=trace,
        span_id=span,
        parent_span_id=identifier(call.parent_id, 64),
        release=shared.release,
        environment=shared.environment,
        user=shared.user,
    )
    return request_row(request, project=part.project, secret=part.secret)
