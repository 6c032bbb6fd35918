"""Structured logs: rows of `raw.error_events`, for those of level warning and above.

Belongs here: the container of logs. Does not belong here: events, which clients make of some of them too
(`events.py`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from quality_platform.api.ingest.contract import Decoded, Group, Refusal
from quality_platform.api.ingest.rows import Row, error_row, identifier
from quality_platform.api.ingest.sentry.events import level_of
from quality_platform.api.ingest.sentry.fields import an_object, attributes, name, some_text, user_of_attributes
from quality_platform.api.ingest.sentry.part import Part
from quality_platform.collectors.logs.event import LogEvent
from quality_platform.collectors.logs.levels import KEPT, Level
from quality_platform.model.tables_runtime import ERROR_EVENTS

CATEGORY = "log"


def decode(part: Part) -> Decoded:
    """The rows of a container's logs. A retry repeats its bytes, which are the identity of all of them."""
    items = part.payload.get("items")
    found = items if isinstance(items, list) else [part.payload]
    decoded = Decoded(Counter({CATEGORY: len(found)}) if found else Counter())
    rows = [row for index, item in enumerate(found) if (row := _row(an_object(item), part, index)) is not None]
    if rows:
        decoded.groups.append(Group(CATEGORY, part.digest, [(ERROR_EVENTS.name, row) for row in rows]))
    if len(rows) < len(found):
        decoded.refused.append(Refusal(CATEGORY, "below_warning", "", quantity=len(found) - len(rows)))
    return decoded


def _row(log: dict[str, Any], part: Part, index: int) -> Row | None:
    """The row; None below warning."""
    level = _level(log)
    if level not in KEPT:
        return None
    said = attributes(log.get("attributes"))
    event = LogEvent(
        level=level,
        message=some_text(log.get("body")) or "",
        logger=name(said.get("logger.name"), 500),
        platform=_platform(said),
        release=name(said.get("sentry.release")),
        environment=name(said.get("sentry.environment")),
        user=user_of_attributes(said),
        trace=identifier(log.get("trace_id"), 64),
    )
    time = part.time(log.get("timestamp"))
    return error_row(event, project=part.project, secret=part.secret, event_id=f"{part.digest}-{index}", time=time)


def _level(log: dict[str, Any]) -> Level:
    """The level; what says none is kept, because what it is nobody knows."""
    return level_of(log.get("level")) or "error"


def _platform(said: dict[str, Any]) -> str | None:
    """`python` of `sentry.python.fastapi`, `node` of `sentry.javascript.node`."""
    parts = (some_text(said.get("sentry.sdk.name")) or "").split(".")
    if len(parts) < 2:
        return None
    return name("node" if parts[1:3] == ["javascript", "node"] else parts[1], 40)
