"""PostHog's door: which paths its clients know, what they are answered, what becomes of a batch.

Belongs here: paths and answers. Does not belong here: bodies (`body.py`), events (`events.py`), what clients ask for
(`quiet.py`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from quality_platform.api.ingest import answers, keys
from quality_platform.api.ingest.contract import (
    Answer,
    Checked,
    Decoded,
    Decoding,
    Door,
    Group,
    Inbound,
    Refusal,
    RefusedError,
    held_back,
)
from quality_platform.api.ingest.identity import request_digest
from quality_platform.api.ingest.own_items import safe_original
from quality_platform.api.ingest.posthog import events, quiet
from quality_platform.api.ingest.posthog.body import KEYS, document_of, events_of, key_of, received
from quality_platform.api.ingest.rows import Row, instant
from quality_platform.model.tables_runtime import ERROR_EVENTS, USAGE_EVENTS
from quality_platform.spool.item import Entry

EVENTS = ("/batch", "/e", "/i/v0/e", "/capture", "/track")
EVENTS_NOW = "/i/v1/analytics/events"
FLAGS = ("/flags", "/decide")
NOT_KEPT = ("/s", "/engage", "/i/v0/ai/batch", "/i/v1/logs", "/i/v1/metrics")
CONFIG = ("/array/{token}/config", "/array/{token}/config.js")
STATIC = tuple(f"/static/{version}{name}.js" for version in ("", "{version}/") for name in quiet.EXTENSIONS)
PERSONAL = ("distinct_id", "$set", "$set_once", "session_id", "properties", "api_key", "token")
"""Fields of a refused event that are hidden: without a name nobody knows what its properties are."""
SCRIPT = "script"
_TAKEN = {"status": 1, "error": None}


def key(inbound: Inbound) -> str | None:
    """The key of the query, the header, the path or the document. A script is asked for without one."""
    if inbound.path.startswith("/static/"):
        raise RefusedError(200, SCRIPT, "Scripts of extensions are not served.")
    found = next((inbound.query[name] for name in KEYS if inbound.query.get(name)), None) or keys.from_header(inbound)
    if found:
        return found
    return inbound.path.split("/")[2] if inbound.path.startswith("/array/") else key_of(received(inbound))


def check(inbound: Inbound) -> Checked:
    """Count the events, and answer as this client expects it."""
    path = inbound.path.rstrip("/")
    if path in FLAGS:
        return Checked(quiet.flags(), {})
    if path.startswith("/array/"):
        return Checked(quiet.config(path), {})
    if path in NOT_KEPT:
        raise RefusedError(200, "not_kept", f"{path} is answered and not kept.")
    found = events_of(received(inbound))
    answer = _results(found) if path == EVENTS_NOW else answers.as_json(_TAKEN)
    meta: dict[str, object] = {"sent_at": inbound.query.get("_")}
    if inbound.method == "GET":
        meta["data"] = inbound.query.get("data")
    return Checked(answer, Counter(map(events.category_of, found)), meta)


def _results(found: list[Any]) -> Answer:
    """The newest form is told of each event; what is not known by a name will not be better next time."""
    results = {
        str(item["uuid"]): {"result": "ok" if events.is_event(item) else "drop"}
        for item in found
        if isinstance(item, dict) and isinstance(item.get("uuid"), str)
    }
    return answers.as_json({"results": results})


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """Rows of `raw.usage_events` and `raw.error_events`."""
    data = entry.meta.get("data")
    document = document_of(entry.body, data if isinstance(data, str) else None)
    sender = _sender(entry, decoding, document)
    limited = held_back(entry)
    decoded = Decoded()
    digest = request_digest(entry)
    for number, item in enumerate(events_of(document)):
        category = events.category_of(item)
        decoded.received[category] += 1
        if category in limited:
            decoded.refused.append(Refusal(category, "over_quota", ""))
        elif events.is_event(item):
            decoded.groups.append(_group(item, category, f"{digest}-{number}", sender))
        else:
            decoded.refused.append(_nameless(item))
    return decoded


def _group(item: dict[str, Any], category: str, place: str, sender: events.Sender) -> Group:
    identity = events.identity_of(item)
    is_error = category == "error"
    row: Row = (events.error if is_error else events.usage)(item, identity or place, sender)
    return Group(category, identity, [((ERROR_EVENTS if is_error else USAGE_EVENTS).name, row)])


def _nameless(item: Any) -> Refusal:
    original = safe_original(item, PERSONAL)
    return Refusal("event", "invalid_event", "An event must have a name.", "event", original, table=USAGE_EVENTS.name)


def _sender(entry: Entry, decoding: Decoding, document: Any) -> events.Sender:
    sent = document.get("sent_at", document.get("created_at")) if isinstance(document, dict) else None
    visitor = entry.meta.get("visitor")
    return events.Sender(
        project=entry.project,
        secret=decoding.secret,
        received_at=entry.received_at,
        sent_at=instant(sent) or instant(entry.meta.get("sent_at")),
        visitor=visitor if isinstance(visitor, str) else None,
    )


def _refused(error: RefusedError) -> Answer:
    if error.status == 200:
        return quiet.extension() if error.reason == SCRIPT else answers.as_json(_TAKEN)
    return answers.as_json(
        {
            "status": 0,
            "type": "validation_error",
            "code": error.reason,
            "detail": error.message,
            "error": error.message,
        },
        status=error.status,
    )


def _both(*paths: str) -> tuple[str, ...]:
    return tuple(each for path in paths for each in (path, f"{path}/"))


DOOR = Door(
    name="posthog",
    title="PostHog",
    description="Events, exceptions and identities of PostHog's clients of all ages; flags are answered with none.",
    paths=(*_both(*EVENTS, EVENTS_NOW, *FLAGS, *NOT_KEPT), *CONFIG, *STATIC),
    key=key,
    check=check,
    decode=decode,
    tables=(USAGE_EVENTS.name, ERROR_EVENTS.name),
    refused=_refused,
    cross_origin=True,
)
