"""Rows of the raw tables from what doors found, the same whatever the protocol: limits, scrubbing, pseudonyms.

Belongs here: one function per raw table. Does not belong here: any protocol. Order of the values is the contract's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from quality_platform.collectors.fields import printable
from quality_platform.collectors.instants import AHEAD, MICROSECOND
from quality_platform.collectors.logs.event import LogEvent, Origin, event_row
from quality_platform.collectors.privacy.properties import safe_json
from quality_platform.collectors.privacy.text import scrub
from quality_platform.collectors.pseudonym import pseudonym
from quality_platform.model.labels import canonical

OLDEST = timedelta(days=30)
MAX_ID = 200

Row = tuple[Any, ...]


def event_time(claimed: int | None, received_at: int, sent_at: int | None = None) -> int:
    """When something happened, microseconds since 1970: the client's instant, corrected by how far its clock is off
    (`received_at` - `sent_at`), or `received_at` where it would lie in the future or more than 30 days back."""
    if claimed is None:
        return received_at
    if sent_at is not None:
        # the way takes time too: only what the network cannot explain is the clock
        offset = received_at - sent_at
        if abs(offset) > timedelta(minutes=1) // MICROSECOND:
            claimed += offset
    too_new = claimed > received_at + AHEAD // MICROSECOND
    too_old = claimed < received_at - OLDEST // MICROSECOND
    return received_at if too_new or too_old else claimed


def text(value: object, limit: int) -> str | None:
    """`value` as scrubbed text within `limit`; None where there is none."""
    if value is None or value == "":
        return None
    return printable(scrub(str(value)[: 4 * limit]), limit) or None


def identifier(value: object, limit: int = MAX_ID) -> str | None:
    """`value` as an identifier: text or number, within `limit`, as it is; None where it is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return printable(str(value).strip(), limit) or None


def error_row(event: LogEvent, *, project: str, secret: bytes, event_id: str, time: int) -> Row:
    """A row of `raw.error_events`."""
    origin = Origin(source_id="", project=project, file=None, secret=secret, release=None, environment=None)
    return event_row(event, origin, event_id=event_id, time=time, line=None)


@dataclass(slots=True)
class Usage:
    """What somebody did. `user` is the identifier as the client sent it; `visitor` stands in where there is none."""

    event_id: str
    name: str
    time: int
    user: str | None = None
    visitor: str | None = None
    session: str | None = None
    properties: Mapping[str, object] | None = None
    feature: str | None = None
    release: str | None = None
    environment: str | None = None


def usage_row(usage: Usage, *, project: str, secret: bytes) -> Row:
    """A row of `raw.usage_events`."""
    key = pseudonym(secret, project, usage.user) if usage.user else usage.visitor or pseudonym(secret, project, "")
    properties, _ = safe_json(usage.properties or {})
    return (
        printable(usage.event_id, MAX_ID),
        usage.time,
        text(usage.name, 500) or "(unnamed)",
        key,
        text(usage.session, MAX_ID),
        properties,
        text(usage.feature, 500),
        text(usage.release, 200),
        text(usage.environment, 200),
        None,
        None,
    )


@dataclass(slots=True)
class Request:
    """A request or a call: `duration_ms` in milliseconds, `time` when it began. Values as the client sent them."""

    event_id: str
    time: int
    operation: str
    service: str
    route: str
    duration_ms: float
    is_error: bool = False
    method: str | None = None
    status: int | None = None
    system: str | None = None
    cache_hit: bool | None = None
    response_bytes: int | None = None
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    release: str | None = None
    environment: str | None = None
    user: str | None = None
    source_file: str | None = None
    source_line: int | None = None


def request_row(request: Request, *, project: str, secret: bytes) -> Row:
    """A row of `raw.request_samples`."""
    return (
        printable(request.event_id, MAX_ID),
        request.time,
        request.operation,
        text(request.service, 200) or "(unknown)",
        text(request.route, 1000) or "(unknown)",
        text(request.method, 40),
        request.status if request.status is not None and 0 <= request.status <= 999 else None,
        request.is_error,
        max(0.0, request.duration_ms) if math.isfinite(request.duration_ms) else 0.0,
        text(request.system, 80),
        request.cache_hit,
        request.response_bytes if request.response_bytes is None or request.response_bytes >= 0 else None,
        identifier(request.trace_id, 64),
        identifier(request.span_id, 64),
        identifier(request.parent_span_id, 64),
        text(request.release, 200),
        text(request.environment, 200),
        pseudonym(secret, project, request.user) if request.user else None,
        printable(request.source_file, 4096) if request.source_file else None,
        request.source_line,
    )


def sample_row(metric: str, subject: str, labels: Mapping[str, object], time: int, value: float, kind: str) -> Row:
    """A row of `raw.metric_samples`; `kind` is gauge, rate, count (of the time since the last) or counter (since its
    start). Label values are scrubbed."""
    safe = {name: scrub(str(item)) for name, item in labels.items()} if labels else {}
    return (metric, subject, canonical(safe) if safe else "{}", time, value, kind)


def session_row(
    *,
    event_id: str,
    time: int,
    status: str,
    quantity: int = 1,
    session: str | None = None,
    sequence: int | None = None,
    errors: int | None = None,
    duration: float | None = None,
    user_key: str | None = None,
    release: str | None = None,
    environment: str | None = None,
) -> Row:
    """A row of `raw.sessions`; `duration` in seconds."""
    return (
        printable(event_id, MAX_ID), time, session, status, sequence, errors, duration, quantity, user_key,
        text(release, 200), text(environment, 200),
    )  # fmt: skip
