"""OTLP traces: `POST /v1/traces`. A span is a request sample; an event `exception` in it is an error event besides.

Belongs here: from a request to rows, and what the client is told. Does not belong here: what a span was
(`operations.py`), what an exception says (`exceptions.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from quality_platform.api.ingest.contract import Checked, Decoded, Decoding, Group, Inbound, Refusal, held_back
from quality_platform.api.ingest.otlp import encoding
from quality_platform.api.ingest.otlp.attributes import Resource, number_in, resource_of, text_in, values_of
from quality_platform.api.ingest.otlp.exceptions import EVENT, exceptions_in, handled, platform_of
from quality_platform.api.ingest.otlp.operations import operation_of
from quality_platform.api.ingest.rows import Request, Row, error_row, event_time, request_row
from quality_platform.collectors.logs.event import LogEvent
from quality_platform.model.tables_live import REQUEST_SAMPLES
from quality_platform.model.tables_runtime import ERROR_EVENTS
from quality_platform.spool.item import Entry

CATEGORY, ERRORS = "span", "error"
ERROR = 2
"""Status code of a span that failed."""

MOST_EVENTS = 100
"""Exceptions of one span that are looked at; SDKs keep 128 events."""

NO_ID = "traceId must have 16 bytes and spanId 8, and neither may be zero."


def check(inbound: Inbound) -> Checked:
    """Count spans and exceptions."""
    request = encoding.parsed(ExportTraceServiceRequest, inbound.body, inbound.media_type, CATEGORY)
    items: Counter[str] = Counter()
    nameless = 0
    for _, spans in _spans(request):
        encoding.within(items[CATEGORY] + len(spans), CATEGORY)
        items[CATEGORY] += len(spans)
        for span in spans:
            nameless += not _has_ids(span)
            if span.events:
                items[ERRORS] += sum(1 for _ in _exceptions(span))
    reasons = {NO_ID: nameless} if nameless else {}
    answer = encoding.accepted(inbound, ExportTraceServiceResponse, "rejected_spans", reasons)
    return encoding.checked(inbound, request, answer, +items)


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """Rows of `raw.request_samples` and `raw.error_events`."""
    media_type = str(entry.meta.get("media_type", ""))
    request = encoding.parsed(ExportTraceServiceRequest, entry.body, media_type, CATEGORY)
    reading = _Reading(entry, decoding.secret)
    for resource, spans in _spans(request):
        known = resource_of(resource)
        for span in spans:
            reading.span(known, span)
    return reading.decoded()


def _spans(request: Any) -> Iterator[tuple[Any, Any]]:
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            yield resource.resource, scope.spans


def _exceptions(span: Any) -> Iterator[Any]:
    return (event for event in span.events[:MOST_EVENTS] if event.name == EVENT)


def _has_ids(span: Any) -> bool:
    return len(span.trace_id) == 16 and len(span.span_id) == 8 and any(span.trace_id) and any(span.span_id)


@dataclass(slots=True)
class _Reading:
    """One request on its way to rows."""

    entry: Entry
    secret: bytes
    received: Counter[str] = field(default_factory=Counter)
    rows: dict[str, list[tuple[str, Row]]] = field(default_factory=lambda: {CATEGORY: [], ERRORS: []})
    nameless: int = 0

    def span(self, resource: Resource, span: Any) -> None:
        """Take a span and the exceptions in it."""
        self.received[CATEGORY] += 1
        values = values_of(span.attributes)
        if _has_ids(span):
            row = request_row(self._request(resource, span, values), project=self.entry.project, secret=self.secret)
            self.rows[CATEGORY].append((REQUEST_SAMPLES.name, row))
        else:
            self.nameless += 1
        for number, event in enumerate(_exceptions(span)):
            self.received[ERRORS] += 1
            self._exception(resource, span, event, number, text_in(values, "enduser.id", "user.id"))

    def _request(self, resource: Resource, span: Any, values: dict[str, Any]) -> Request:
        what = operation_of(span.name, span.kind, values)
        status = number_in(values, "http.response.status_code", "http.status_code")
        trace, own = span.trace_id.hex(), span.span_id.hex()
        return Request(
            event_id=f"{trace}-{own}",
            time=self._time(span.start_time_unix_nano),
            operation=what.operation,
            service=resource.service or self.entry.project,
            route=what.route,
            duration_ms=max(0, span.end_time_unix_nano - span.start_time_unix_nano) / 1e6,
            is_error=span.status.code == ERROR or (status is not None and status >= 500),
            method=what.method,
            status=status,
            system=what.system,
            cache_hit=what.cache_hit,
            response_bytes=number_in(values, "http.response.body.size", "http.response_content_length"),
            trace_id=trace,
            span_id=own,
            parent_span_id=span.parent_span_id.hex() or None,
            release=resource.release,
            environment=resource.environment,
            user=text_in(values, "enduser.id", "user.id"),
        )

    def _exception(self, resource: Resource, span: Any, event: Any, number: int, user: str | None) -> None:
        values = values_of(event.attributes)
        found = LogEvent(
            level="error",
            message="",
            exceptions=exceptions_in(values),
            logger=None,
            platform=platform_of(resource.language),
            handled=handled(values),
            release=resource.release,
            environment=resource.environment,
            user=user,
            trace=span.trace_id.hex() or None,
        )
        place = f"{span.trace_id.hex()}-{span.span_id.hex()}-{number}"
        if not _has_ids(span):
            place = f"{encoding.identity_of(self.entry)}-{self.received[ERRORS]}"
        time = self._time(event.time_unix_nano)
        row = error_row(found, project=self.entry.project, secret=self.secret, event_id=place, time=time)
        self.rows[ERRORS].append((ERROR_EVENTS.name, row))

    def _time(self, nanoseconds: int) -> int:
        return event_time(nanoseconds // 1000 or None, self.entry.received_at)

    def decoded(self) -> Decoded:
        """What the request held."""
        decoded = Decoded(self.received)
        for category, rows in self.rows.items():
            if category in held_back(self.entry):
                refusal = Refusal(category, "over_quota", "", quantity=len(rows))
                decoded.refused += [refusal] if rows else []
            elif rows:
                decoded.groups.append(Group(category, encoding.identity_of(self.entry), rows))
        if self.nameless:
            message = Refusal(CATEGORY, "invalid_id", NO_ID, "span_id", None, self.nameless, REQUEST_SAMPLES.name)
            decoded.refused.append(message)
        return decoded
