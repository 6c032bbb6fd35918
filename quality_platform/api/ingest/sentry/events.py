"""Error and message events: rows of `raw.error_events`.

Belongs here: which fields of an event are kept. Does not belong here: stack traces (`exceptions.py`).

Kept is what the table has a column for. Request, headers, cookies, extra, breadcrumbs, modules, the host's name and
the command line are not looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from quality_platform.api.ingest.contract import Decoded, Group
from quality_platform.api.ingest.rows import error_row, identifier
from quality_platform.api.ingest.sentry.exceptions import exceptions_of, handled
from quality_platform.api.ingest.sentry.fields import a_list, an_object, event_id, name, number, some_text, user
from quality_platform.api.ingest.sentry.part import Part
from quality_platform.collectors.logs.event import LogEvent
from quality_platform.collectors.logs.levels import Level, of_name, of_python_number
from quality_platform.model.tables_runtime import ERROR_EVENTS

CATEGORY = "error"
_PLACE = re.compile(r"%[sdifrjoO]|\{\}")
_MOST_PARAMETERS = 100


def decode(part: Part) -> Decoded:
    """The row of one event."""
    identity = event_id(part.payload.get("event_id")) or part.event_id or part.digest
    time = part.time(part.payload.get("timestamp"))
    row = error_row(_event(part.payload), project=part.project, secret=part.secret, event_id=identity, time=time)
    return Decoded(Counter({CATEGORY: 1}), [Group(CATEGORY, identity, [(ERROR_EVENTS.name, row)])])


def _event(event: dict[str, Any]) -> LogEvent:
    trace = an_object(an_object(event.get("contexts")).get("trace"))
    return LogEvent(
        level=level_of(event.get("level")) or "error",
        message=_message(event),
        exceptions=exceptions_of(event),
        logger=name(event.get("logger"), 500),
        platform=name(event.get("platform"), 40),
        handled=handled(event),
        release=name(event.get("release")),
        environment=name(event.get("environment")),
        user=user(event.get("user")),
        trace=identifier(trace.get("trace_id"), 64),
    )


def level_of(value: Any) -> Level | None:
    """The level, in words or as a number of Python's logging, which the oldest clients send."""
    if isinstance(value, str):
        return of_name(value)
    found = number(value)
    return None if found is None else of_python_number(found)


def _message(event: dict[str, Any]) -> str:
    """The message as a person would have read it; empty where the exception says it all."""
    for field in ("logentry", "message", "sentry.interfaces.Message"):
        text = _text(event.get(field))
        if text:
            return text
    return ""


def _text(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return some_text(entry)
    formatted = some_text(entry.get("formatted"))
    template = some_text(entry.get("message"))
    return formatted or (_filled(template, a_list(entry.get("params"))) if template else None)


def _filled(template: str, parameters: list[Any]) -> str:
    """The template with its parameters. Not by `%`: a width of a billion in a template would be obeyed."""
    values = iter([str(some_text(value) or "") for value in parameters[:_MOST_PARAMETERS]])
    return _PLACE.sub(lambda place: next(values, place[0]), template)
