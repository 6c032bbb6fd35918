"""A line of JSON: nginx with a format of one's own, Caddy, Traefik, Envoy, and text wrapped by a container runtime.

Belongs here: which field holds what. Does not belong here: routes (`routes.py`), text (`text_line.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quality_platform.collectors.access_logs.access import Access
from quality_platform.collectors.access_logs.durations import MILLISECONDS, milliseconds, written
from quality_platform.collectors.access_logs.routes import INVALID, method_of, request_of, route_of
from quality_platform.collectors.access_logs.text_line import instant
from quality_platform.collectors.access_logs.text_line import text_access as _text_access
from quality_platform.collectors.fields import lookup
from quality_platform.collectors.instants import parse_instant
from quality_platform.model.live_sources import DurationUnit

TIME = (
    "time_iso8601", "timestamp", "@timestamp", "time", "ts", "start_time", "StartUTC", "msec", "time_local", "datetime",
)  # fmt: skip
METHOD = ("request_method", "method", "RequestMethod", "http_method", "verb", "request.method", "http.request.method")
TARGET = (
    "request_uri", "uri", "RequestPath", "path", "url", "request.uri", "url.path", "http.url", "http.target",
)  # fmt: skip
STATUS = (
    "status", "status_code", "response_code", "DownstreamStatus", "OriginStatus", "statusCode",
    "http.response.status_code", "response.status",
)  # fmt: skip
SIZE = (
    "body_bytes_sent", "bytes_sent", "size", "response_size", "DownstreamContentSize", "bytes", "response_bytes",
)  # fmt: skip
USER = ("remote_user", "user_id", "ClientUsername", "user", "user.name")
DURATIONS = {
    "request_time": "seconds", "duration_seconds": "seconds", "request_time_ms": "milliseconds",
    "duration_ms": "milliseconds", "durationMs": "milliseconds", "response_time_ms": "milliseconds",
    "latency_ms": "milliseconds", "elapsed_ms": "milliseconds", "duration_us": "microseconds",
    "duration_ns": "nanoseconds", "Duration": "nanoseconds", "event.duration": "nanoseconds",
}  # fmt: skip
"""Fields whose unit is known: by their name, or because one program alone calls them so (Traefik's `Duration`)."""

UNCERTAIN = ("duration", "latency", "response_time", "responseTime", "response-time", "elapsed", "time_taken")
WRAPPED = ("log", "message", "msg")


def json_access(fields: Mapping[str, Any], unit: DurationUnit) -> Access | str:
    """The request that the object tells of, or why it is none."""
    record = dict(fields)
    status = _number(_first(record, STATUS))
    if status is None:
        wrapped = next((text for name in WRAPPED if isinstance(text := record.get(name), str)), None)
        return "The object has no field for the status." if wrapped is None else _text_access(wrapped.rstrip(), unit)
    time = _time(_first(record, TIME))
    if time is None:
        return f"The object has no time that can be read, in none of {', '.join(TIME)}."
    method, route = _request(record)
    user = _first(record, USER)
    return Access(
        time,
        method,
        route,
        status or None,
        _number(_first(record, SIZE)),
        _duration(record, unit),
        user if isinstance(user, str) and user not in ("-", "") else None,
    )


def _first(record: dict[str, Any], names: tuple[str, ...]) -> object:
    for name in names:
        value = lookup(record, name)
        if value is not None:
            return value
    return None


def _time(value: object) -> int | None:
    if isinstance(value, str) and value[2:3] == "/" and len(value) >= 26:
        return instant(value)
    return parse_instant(value, local=True)


def _request(record: dict[str, Any]) -> tuple[str | None, str]:
    line = record.get("request")
    if isinstance(line, str) and " " in line:
        return request_of(line)
    method, target = _first(record, METHOD), _first(record, TARGET)
    return (
        method_of(method.upper()) if isinstance(method, str) else None,
        route_of(target) if isinstance(target, str) and target else INVALID,
    )


def _number(value: object) -> int | None:
    """A whole number that is not negative, also as text; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**63:
        return int(value)
    return None


def _duration(record: dict[str, Any], unit: DurationUnit) -> float | None:
    for name, known in DURATIONS.items():
        value = lookup(record, name)
        if value is not None:
            return _measured(value, MILLISECONDS[known])
    value = _first(record, UNCERTAIN)
    if isinstance(value, str):
        return written(value.replace(" ", ""), unit)
    if unit != "auto":
        return _measured(value, MILLISECONDS[unit])
    # Caddy writes seconds with decimals, Envoy and most others whole milliseconds
    return _measured(value, 1e3 if isinstance(value, float) else 1.0)


def _measured(value: object, factor: float) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return milliseconds(value, factor) if isinstance(value, int | float) and not isinstance(value, bool) else None
