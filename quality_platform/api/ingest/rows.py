"""Rows of the raw tables from what doors found, the same whatever the protocol: limits, scrubbing, pseudonyms.

Belongs here: one function per raw table. Does not belong here: any protocol. Order of the values is the contract's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from quality_platform.api.ingest.labels import safe_labels
from quality_platform.collectors.fields import printable
from quality_platform.collectors.instants import AHEAD, MICROSECOND, parse_instant
from quality_platform.collectors.logs.event import LogEvent, Origin, event_row
from quality_platform.collectors.logs.frames import Frame, RaisedException
from quality_platform.collectors.privacy.properties import safe_json
from quality_platform.collectors.privacy.text import scrub
from quality_platform.collectors.pseudonym import pseudonym

OLDEST = timedelta(days=30)
MAX_ID = 200

_AHEAD = AHEAD // MICROSECOND
_OLDEST = OLDEST // MICROSECOND
_MINUTE = timedelta(minutes=1) // MICROSECOND

_RELEASE = re.compile(r"(?:(?P<package>[^@\s]{1,140})@)?(?P<version>v?\d{1,8}(?:[.+_-]\w{1,40}){0,8})", re.ASCII)
_HEXADECIMAL = re.compile(r"[0-9a-f]{16,64}")

Row = tuple[Any, ...]


def instant(value: object) -> int | None:
    """Microseconds since 1970 of ISO 8601 text or of a number; None when it is neither."""
    return _instant_of_text(value) if isinstance(value, str) and len(value) <= 40 else parse_instant(value)


@lru_cache(maxsize=4096)
def _instant_of_text(text: str) -> int | None:
    """Remembered, because the items of a batch share their instants: 0.1 µs instead of 1.5."""
    return parse_instant(text)


def event_time(claimed: int | None, received_at: int, sent_at: int | None = None) -> int:
    """When something happened, microseconds since 1970: the client's instant, corrected by how far its clock is off
    (`received_at` - `sent_at`), or `received_at` where it would lie in the future or more than 30 days back."""
    if claimed is None:
        return received_at
    if sent_at is not None:
        # the way takes time too: only what the network cannot explain is the clock
        offset = received_at - sent_at
        if abs(offset) > _MINUTE:
            claimed += offset
    return claimed if received_at - _OLDEST <= claimed <= received_at + _AHEAD else received_at


def text(value: object, limit: int) -> str | None:
    """`value` as scrubbed text within `limit`; None where there is none."""
    if value is None or value == "":
        return None
    shown = str(value)
    if len(shown) <= MAX_ID:
        return _safe_name(shown)[:limit] or None
    return printable(scrub(shown[: 4 * limit]), limit) or None


@lru_cache(maxsize=16_384)
def _safe_name(name: str) -> str:
    """Remembered, because names and routes come again and again, and scrubbing takes 8 µs."""
    return printable(scrub(name), MAX_ID)


def release_name(value: str | None) -> str | None:
    """A release: `shop@1.2.3` is no e-mail address, `1.2.3.4` no network address."""
    found = _RELEASE.fullmatch(value) if value else None
    if found is None:
        return text(value, 200)
    package = text(found["package"], 140)
    return f"{package}@{found['version']}" if package else found["version"]


def identifier(value: object, limit: int = MAX_ID) -> str | None:
    """`value` as an identifier: text or number, within `limit`, as it is; None where it is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return printable(str(value).strip(), limit) or None


def error_row(event: LogEvent, *, project: str, secret: bytes, event_id: str, time: int) -> Row:
    """A row of `raw.error_events`."""
    origin = Origin(source_id="", project=project, file=None, secret=secret, release=None, environment=None)
    safe = replace(
        event,
        exceptions=tuple(map(_safe_exception, event.exceptions)),
        logger=text(event.logger, 500),
        platform=text(event.platform, 40),
        release=release_name(event.release),
        environment=text(event.environment, 200),
        session=text(event.session, MAX_ID),
        trace=event.trace if event.trace and _HEXADECIMAL.fullmatch(event.trace) else text(event.trace, 64),
    )
    return event_row(safe, origin, event_id=event_id, time=time, line=None)


def _safe_exception(raised: RaisedException) -> RaisedException:
    return RaisedException(text(raised.type, 500), raised.message, tuple(map(_safe_frame, raised.frames)))


@lru_cache(maxsize=8192)
def _safe_frame(frame: Frame) -> Frame:
    """A frame's file may be a URL with a token in it. Remembered: the same frames come again and again."""
    return replace(
        frame,
        module=text(frame.module, 500),
        function=text(frame.function, 500),
        file=text(frame.file, 1000),
    )


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
        release_name(usage.release),
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
        release_name(request.release),
        text(request.environment, 200),
        pseudonym(secret, project, request.user) if request.user else None,
        printable(request.source_file, 4096) if request.source_file else None,
        request.source_line,
    )


def sample_row(
    metric: str, subject: str, labels: Mapping[str, object] | str, time: int, value: float, kind: str
) -> Row:
    """A row of `raw.metric_samples`; `kind` is gauge, rate, count (of the time since the last) or counter (since its
    start). Names and labels are scrubbed; labels as text are what `safe_labels` made."""
    return (
        _safe_name(metric) if len(metric) <= MAX_ID else text(metric, MAX_ID),
        _safe_name(subject) if len(subject) <= MAX_ID else text(subject, 500),
        labels if isinstance(labels, str) else safe_labels(labels),
        time,
        value,
        kind,
    )


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
        release_name(release), text(environment, 200),
    )  # fmt: skip
