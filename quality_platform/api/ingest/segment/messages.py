"""Segment's messages into rows of `raw.usage_events`.

Belongs here: which fields mean what, and which are left where they are. Does not belong here: paths, keys, answers
(`door.py`).

A tracked event keeps its name; the other calls are called `$page`, `$screen`, `$identify`, `$group` and `$alias`, with
the page's name and category among the properties. Of people nothing is kept but a keyed hash: traits, addresses and the
browser's name are dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quality_platform.api.ingest.identity import own_id
from quality_platform.api.ingest.rows import Row, Usage, event_time, identifier, instant, usage_row
from quality_platform.api.ingest.sentry.fields import an_object, some_text
from quality_platform.collectors.pseudonym import pseudonym

TYPES = ("track", "identify", "page", "screen", "group", "alias")
_CONTEXT = ("library", "app", "os", "locale", "timezone", "campaign", "page", "screen", "referrer")
_DEVICE = ("type", "manufacturer", "model")
_TOP = ("name", "category", "groupId")


@dataclass(frozen=True, slots=True)
class Sender:
    """What the messages of a request have in common. `type` is what the path says."""

    project: str
    secret: bytes
    received_at: int
    sent_at: int | None
    visitor: str | None
    type: str | None


def fault_of(item: Any, path_type: str | None) -> tuple[str | None, str] | None:
    """The field that is wrong, and what it must be."""
    if not isinstance(item, dict):
        return None, "A message is an object with a type."
    kind = type_of(item, path_type)
    if kind not in TYPES:
        return "type", f"type must be one of {', '.join(TYPES)}."
    if kind == "track" and not some_text(item.get("event")):
        return "event", "event must be a name."
    return None


def type_of(item: Mapping[str, Any], path_type: str | None) -> str | None:
    """The call: what the message says, else the path."""
    return some_text(item.get("type")) or path_type


def identity_of(item: Mapping[str, Any]) -> str | None:
    """The client's own identity of a message."""
    return own_id(item.get("messageId"))


def row(item: Mapping[str, Any], event_id: str, sender: Sender) -> Row:
    """The row of a message."""
    context, properties = an_object(item.get("context")), an_object(item.get("properties"))
    kind = type_of(item, sender.type)
    app = an_object(context.get("app"))
    found = Usage(
        event_id=event_id,
        name=(some_text(item.get("event")) or "(unnamed)") if kind == "track" else f"${kind}",
        time=_time(item, sender),
        user=identifier(item.get("userId"), 1000) or identifier(item.get("anonymousId"), 1000),
        visitor=sender.visitor,
        session=_session(context, properties),
        properties=_kept(item, properties, context, sender),
        feature=some_text(properties.get("feature")),
        release=some_text(app.get("version")),
        environment=some_text(properties.get("environment") or context.get("environment")),
    )
    return usage_row(found, project=sender.project, secret=sender.secret)


def _time(item: Mapping[str, Any], sender: Sender) -> int:
    claimed = instant(item.get("timestamp")) or instant(item.get("originalTimestamp"))
    sent_at = instant(item.get("sentAt")) or sender.sent_at
    return event_time(claimed, sender.received_at, sent_at)


def _session(context: Mapping[str, Any], properties: Mapping[str, Any]) -> str | None:
    named = (context.get("sessionId"), context.get("session_id"), properties.get("session_id"))
    return next((found for value in named if (found := identifier(value))), None)


def _kept(
    item: Mapping[str, Any], properties: Mapping[str, Any], context: Mapping[str, Any], sender: Sender
) -> dict[str, object]:
    kept: dict[str, object] = {name: value for name, value in properties.items() if name != "ip"}
    kept.update({name: item[name] for name in _TOP if item.get(name) is not None})
    kept.update({name: context[name] for name in _CONTEXT if context.get(name) and name not in kept})
    device = {name: value for name, value in an_object(context.get("device")).items() if name in _DEVICE}
    if device:
        kept["device"] = device
    previous = identifier(item.get("previousId"), 1000)
    if previous:  # a hash, so that the two can still be joined
        kept["previousId"] = pseudonym(sender.secret, sender.project, previous)
    return kept
