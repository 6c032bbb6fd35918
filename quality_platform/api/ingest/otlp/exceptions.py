"""Exceptions as spans and log records have them: `exception.type`, `.message` and `.stacktrace`.

Belongs here: from these attributes to an error event. Does not belong here: the syntax of stack traces
(`collectors/logs/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quality_platform.api.ingest.otlp.attributes import text_in
from quality_platform.collectors.logs.frames import RaisedException
from quality_platform.collectors.logs.json_exceptions import exceptions_of, exceptions_of_text

EVENT = "exception"
MAX_STACK = 256 * 1024
"""Characters of a stack trace that are read."""


def exceptions_in(values: Mapping[str, Any]) -> tuple[RaisedException, ...]:
    """The chain, root cause first; empty where the attributes tell of no exception."""
    kind, message = text_in(values, "exception.type"), text_in(values, "exception.message")
    stack = (text_in(values, "exception.stacktrace") or "")[:MAX_STACK]
    if kind is None and message is None and not stack:
        return ()
    # a stack in a syntax that is not known would become the message, and it holds paths and values
    known = any(raised.frames for raised in exceptions_of_text(stack))
    return exceptions_of({"type": kind, "message": message, "stacktrace": stack if known else None}) or (
        RaisedException(kind, message or "", ()),
    )


def handled(values: Mapping[str, Any]) -> bool | None:
    """Whether the exception stayed inside the span; None where nothing says so."""
    escaped = values.get("exception.escaped")
    if isinstance(escaped, str) and escaped.lower() in ("true", "false"):
        return escaped.lower() == "false"
    return None if not isinstance(escaped, bool) else not escaped


def platform_of(language: str | None) -> str | None:
    """The language as `raw.error_events` calls it."""
    return {"nodejs": "node", "webjs": "javascript"}.get(language, language) if language else None
