"""A JSON line of the usual loggers into an event.

Belongs here: which fields mean what. Does not belong here: exceptions inside fields (`json_exceptions.py`).

Known: Python's JSON formatters, structlog, loguru, Elastic Common Schema, Google Cloud, Datadog, GELF, pino,
bunyan, zap, logrus, slog, monolog, AWS Lambda, journald's JSON, OpenTelemetry's names.
"""

from __future__ import annotations

from typing import Any

from quality_platform.collectors.fields import lookup
from quality_platform.collectors.instants import parse_instant
from quality_platform.collectors.logs import levels
from quality_platform.collectors.logs.event import LogEvent
from quality_platform.collectors.logs.frames import RaisedException
from quality_platform.collectors.logs.json_exceptions import exceptions_of, exceptions_of_text
from quality_platform.collectors.logs.python_traceback import HEADER

LEVEL = (
    "level", "levelname", "severity", "log.level", "lvl", "level_name", "loglevel", "log_level", "severity_text",
    "SeverityText", "@level", "PRIORITY",
)  # fmt: skip
MESSAGE = ("message", "msg", "event", "short_message", "body", "Body", "@message", "MESSAGE", "log", "text")
TIME = (
    "time", "timestamp", "@timestamp", "ts", "asctime", "datetime", "date", "created", "t", "eventTime",
    "__REALTIME_TIMESTAMP",
)  # fmt: skip
EXCEPTION = (
    "errorType", "exception", "exc_info", "traceback", "stack_trace", "stacktrace", "stackTrace", "stack", "exc_text",
    "error", "err", "error.stack_trace", "error.stack", "exception.stacktrace", "@exception",
)  # fmt: skip
LOGGER = ("logger", "logger_name", "name", "log.logger", "channel", "target", "SYSLOG_IDENTIFIER", "module")
USER = ("user.id", "user_id", "userId", "usr.id", "enduser.id", "user")
SESSION = ("session_id", "sessionId", "session.id", "session")
TRACE = ("trace_id", "traceId", "trace.id", "dd.trace_id", "otelTraceID", "TraceId")
RELEASE = ("release", "service.version", "app_version", "version")
ENVIRONMENT = ("environment", "env", "service.environment", "deployment.environment", "stage")

_EXCEPTION_NAMES = frozenset(EXCEPTION)
_TRACEBACK = HEADER.encode()


def json_level(fields: dict[str, Any]) -> levels.Level | None:
    """The level that the line states; None when it states none that is known."""
    for name in LEVEL:
        value = lookup(fields, name)
        if value is not None:
            return _level(value)
    number = fields.get("levelno")
    return levels.of_python_number(number) if isinstance(number, int) else None


def is_below(fields: dict[str, Any], line: bytes) -> bool:
    """Whether the line is surely no event: its level is too low and no field can hold an exception."""
    level = json_level(fields)
    return level in ("info", "debug") and _EXCEPTION_NAMES.isdisjoint(fields) and _TRACEBACK not in line


def json_event(fields: dict[str, Any]) -> LogEvent | None:
    """The event; None when the line is below the levels kept and tells of no exception with a stack."""
    message, attached = _message(fields)
    exceptions = _exceptions(fields) or attached
    level = json_level(fields)
    if level is None:
        level = "error" if exceptions else levels.guess(message)
    if level is None or (level not in levels.KEPT and not any(raised.frames for raised in exceptions)):
        return None
    handled = fields.get("handled")
    return LogEvent(
        level=level,
        message=message,
        exceptions=exceptions,
        logger=_text(fields, LOGGER),
        platform="python" if any(_is_python(raised) for raised in exceptions) else None,
        handled=handled if isinstance(handled, bool) else None,
        release=None if "short_message" in fields else _text(fields, RELEASE),  # GELF's version is the format's
        environment=_text(fields, ENVIRONMENT),
        user=_text(fields, USER),
        session=_text(fields, SESSION),
        trace=_text(fields, TRACE),
    )


def json_time(fields: dict[str, Any]) -> int | None:
    """Microseconds since 1970; None when no field holds a time."""
    for name in TIME:
        value = fields.get(name)
        if isinstance(value, dict):
            value = value.get("timestamp")
        if value is not None and (instant := parse_instant(value, local=True)) is not None:
            return instant
    return None


def looks_like_log(fields: dict[str, Any]) -> bool:
    """Whether an object is a log line rather than a part of a message."""
    return any(lookup(fields, name) is not None for name in (*LEVEL, *MESSAGE))


def unwrapped(fields: dict[str, Any]) -> dict[str, Any]:
    """Loguru puts everything under `record` and the traceback into `text`."""
    record = fields.get("record")
    if not isinstance(record, dict):
        return fields
    text = fields.get("text")
    traced = record.get("exception") and isinstance(text, str) and HEADER in text
    return {**record, "exception": text if traced else record.get("exception")}


def _level(value: object) -> levels.Level | None:
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, str):
        return levels.of_number(int(value)) if value.isdecimal() and len(value) < 4 else levels.of_name(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return levels.of_number(value)
    return None


def _message(fields: dict[str, Any]) -> tuple[str, tuple[RaisedException, ...]]:
    """The message, and the exceptions of a traceback that was appended to it."""
    message = _text(fields, MESSAGE) or ""
    before, header, after = message.partition(HEADER)
    if not header:
        return message, ()
    return before.rstrip(), exceptions_of_text(header + after)


def _exceptions(fields: dict[str, Any]) -> tuple[RaisedException, ...]:
    """The exceptions of the first field that tells of some, preferably of one that has frames."""
    found: tuple[RaisedException, ...] = ()
    for name in EXCEPTION:
        value = fields.get(name)
        if not value:
            continue
        exceptions = exceptions_of(_lambda_error(fields) if name == "errorType" else value)
        if any(raised.frames for raised in exceptions):
            return exceptions
        found = found or exceptions
    return found


def _lambda_error(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: fields.get(key) for key in ("errorType", "errorMessage", "stackTrace")}


def _is_python(raised: RaisedException) -> bool:
    return any(frame.file and frame.file.endswith((".py", ">")) for frame in raised.frames)


def _text(fields: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """The first of the fields that holds text or a number."""
    for name in names:
        value = lookup(fields, name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return None
