"""PostHog's events into rows: what somebody did, or an exception.

Belongs here: which fields mean what, and which are left where they are. Does not belong here: bodies (`body.py`), the
shape of exceptions, which is Sentry's.

Of people nothing is kept but a keyed hash: `$set` and its like, addresses and the browser's name are dropped;
identities that are joined (`$anon_distinct_id`, `alias`) become hashes too, so that the join can still be made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quality_platform.api.ingest.identity import own_id
from quality_platform.api.ingest.rows import Row, Usage, error_row, event_time, identifier, instant, usage_row
from quality_platform.api.ingest.sentry.exceptions import exceptions_of, handled
from quality_platform.api.ingest.sentry.fields import a_list, an_object, some_text
from quality_platform.collectors.logs import levels
from quality_platform.collectors.logs.event import LogEvent
from quality_platform.collectors.pseudonym import pseudonym

EXCEPTION = "$exception"
JOINED = ("$anon_distinct_id", "alias", "$user_id", "$device_id")
_DROPPED = frozenset((
    "$set", "$set_once", "$unset", "$group_set", "$ip", "ip", "token", "distinct_id", "$insert_id", "$session_id",
    "$window_id", "$raw_user_agent", "$initial_person_info", "$elements", "$elements_chain", "$time", "time",
    "$person_properties", "$process_person_profile",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sender:
    """What the events of a request have in common."""

    project: str
    secret: bytes
    received_at: int
    sent_at: int | None
    visitor: str | None

    def hashed(self, identity: object) -> str | None:
        """The keyed hash of an identity."""
        found = identifier(identity, 1000)
        return pseudonym(self.secret, self.project, found) if found else None


def is_event(item: Any) -> bool:
    """Whether an item has a name, the one thing that an event needs."""
    return isinstance(item, dict) and isinstance(item.get("event"), str) and bool(item["event"].strip())


def category_of(item: Any) -> str:
    """Error or event."""
    return "error" if isinstance(item, dict) and item.get("event") == EXCEPTION else "event"


def identity_of(item: Mapping[str, Any]) -> str | None:
    """The client's own identity of an event."""
    return own_id(item.get("uuid")) or own_id(an_object(item.get("properties")).get("$insert_id"))


def usage(item: Mapping[str, Any], event_id: str, sender: Sender) -> Row:
    """A row of `raw.usage_events`."""
    properties = an_object(item.get("properties"))
    found = Usage(
        event_id=event_id,
        name=item["event"],
        time=_time(item, properties, sender),
        user=_user(item, properties),
        visitor=sender.visitor,
        session=_session(item, properties),
        properties=_kept(properties, sender),
        feature=some_text(properties.get("feature")),
        release=_release(properties),
        environment=_environment(properties),
    )
    return usage_row(found, project=sender.project, secret=sender.secret)


def error(item: Mapping[str, Any], event_id: str, sender: Sender) -> Row:
    """A row of `raw.error_events`. The list begins with the exception that was raised, Sentry's ends with it."""
    properties = an_object(item.get("properties"))
    chain = [each for each in a_list(properties.get("$exception_list")) if isinstance(each, dict)]
    chain = chain or [{"type": properties.get("$exception_type"), "value": properties.get("$exception_message")}]
    shaped = {"exception": chain[::-1]}
    event = LogEvent(
        level=levels.of_name(some_text(properties.get("$exception_level")) or "") or "error",
        message=some_text(chain[0].get("value")) or "",
        exceptions=exceptions_of(shaped),
        platform=_platform(chain[0], properties),
        handled=handled(shaped),
        release=_release(properties),
        environment=_environment(properties),
        user=_user(item, properties),
        session=_session(item, properties),
        trace=identifier(properties.get("$trace_id"), 64),
    )
    time = _time(item, properties, sender)
    return error_row(event, project=sender.project, secret=sender.secret, event_id=event_id, time=time)


def _time(item: Mapping[str, Any], properties: Mapping[str, Any], sender: Sender) -> int:
    offset = item.get("offset")
    if isinstance(offset, int | float) and not isinstance(offset, bool) and 0 <= offset < 3e9:
        return event_time(sender.received_at - round(offset * 1000), sender.received_at)  # milliseconds before sending
    claimed = instant(item.get("timestamp")) or instant(properties.get("time"))
    return event_time(claimed, sender.received_at, sender.sent_at)


def _user(item: Mapping[str, Any], properties: Mapping[str, Any]) -> str | None:
    return identifier(item.get("distinct_id"), 1000) or identifier(properties.get("distinct_id"), 1000)


def _session(item: Mapping[str, Any], properties: Mapping[str, Any]) -> str | None:
    return identifier(properties.get("$session_id")) or identifier(item.get("session_id"))


def _release(properties: Mapping[str, Any]) -> str | None:
    return some_text(properties.get("$app_version") or properties.get("app_version") or properties.get("release"))


def _environment(properties: Mapping[str, Any]) -> str | None:
    return some_text(properties.get("environment"))


def _platform(raised: Mapping[str, Any], properties: Mapping[str, Any]) -> str | None:
    """python, javascript: what the innermost frame says, else the client's name."""
    frames = [each for each in a_list(an_object(raised.get("stacktrace")).get("frames")) if isinstance(each, dict)]
    said = some_text(frames[-1].get("platform")) if frames else None
    if said:
        return said.rpartition(":")[2]
    client = some_text(properties.get("$lib")) or ""
    return "javascript" if client == "web" else client.removeprefix("posthog-") or None


def _kept(properties: Mapping[str, Any], sender: Sender) -> dict[str, object]:
    kept = {name: value for name, value in properties.items() if name not in _DROPPED and name[:10] != "$sdk_debug"}
    for name in JOINED:
        if name in kept:
            kept[name] = sender.hashed(kept[name])
    return kept
