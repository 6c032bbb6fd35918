"""Own JSON, usage: `POST /api/v1/ingest/events`, one event, a list, or one a line.

Belongs here: what an event has, and its row. Does not belong here: bodies, answers (`own_items.py`).
"""

from __future__ import annotations

from typing import Annotated, Any, Required

from pydantic import Field
from typing_extensions import TypedDict

from quality_platform.api.ingest.contract import Decoded, Decoding
from quality_platform.api.ingest.own_items import Identifier, Items, Moment, Origin, decode_each, door
from quality_platform.api.ingest.rows import Row, Usage, event_time, identifier, usage_row
from quality_platform.model.tables_runtime import USAGE_EVENTS
from quality_platform.spool.item import Entry


class UsageEvent(TypedDict, total=False):
    """Something that somebody did."""

    event: Required[Annotated[str, Field(min_length=1, max_length=500, description="A name of 1 to 500 characters.")]]
    user: Annotated[
        Identifier | None, Field(description="A text or a whole number; kept as a keyed hash, never as it is.")
    ]
    timestamp: Annotated[Moment | None, Field(description="ISO 8601 or a number since 1970; else now.")]
    session: Annotated[Identifier | None, Field(description="A text or a whole number.")]
    feature: Annotated[str | None, Field(description="A text: the feature that it belongs to.")]
    properties: Annotated[
        dict[str, Any] | None, Field(description="An object; secrets and personal data in it are hidden.")
    ]
    release: Annotated[str | None, Field(description="A text: the release of the application.")]
    environment: Annotated[str | None, Field(description="A text, such as production.")]
    event_id: Annotated[
        Identifier | None, Field(description="A text or a whole number; an event is stored once for each.")
    ]


EVENTS = Items(
    category="event",
    table=USAGE_EVENTS.name,
    names=("events",),
    model=UsageEvent,
    example={
        "event": "checkout", "user": "u-17", "timestamp": "2026-01-01T00:00:00Z", "session": "s-4",
        "feature": "cart", "properties": {"items": 3}, "release": "1.2.0", "environment": "production",
        "event_id": "b4a6f1",
    },
)  # fmt: skip


def row(item: Any, origin: Origin) -> Row:
    """The row of an event in `raw.usage_events`."""
    entry = origin.entry
    usage = Usage(
        event_id=origin.event_id,
        name=item["event"],
        time=event_time(item.get("timestamp"), entry.received_at),
        user=identifier(item.get("user"), 1000),
        visitor=_text(entry.meta.get("visitor")),
        session=identifier(item.get("session")),
        properties=item.get("properties"),
        feature=item.get("feature"),
        release=item.get("release"),
        environment=item.get("environment"),
    )
    return usage_row(usage, project=entry.project, secret=origin.decoding.secret)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """Rows of `raw.usage_events`."""
    return decode_each(EVENTS, row, entry, decoding)


DOOR = door(
    EVENTS,
    decode,
    name="events",
    title="Own JSON, usage",
    description="What users did, single, in lists or one a line; repeats are known by their event_id.",
)
