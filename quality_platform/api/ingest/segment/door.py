"""Segment's door: the paths of its clients, where they put the key, what they are answered.

Belongs here: paths, keys, answers, the walk through a batch. Does not belong here: what a message says (`messages.py`).
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

import orjson

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
)
from quality_platform.api.ingest.identity import request_digest
from quality_platform.api.ingest.own_items import safe_original
from quality_platform.api.ingest.rows import instant
from quality_platform.api.ingest.segment import messages
from quality_platform.model.tables_runtime import USAGE_EVENTS
from quality_platform.spool.item import Entry

CATEGORY = "event"
MOST_MESSAGES = 20_000
PERSONAL = ("userId", "anonymousId", "previousId", "traits", "context", "properties", "writeKey")
"""Fields of a refused message that are hidden."""
_SHORT = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}
_TYPE_OF_PATH = {**{name: name for name in messages.TYPES}, **_SHORT}
_REMEMBERED = 1024 * 1024


def document_of(body: bytes) -> dict[str, Any]:
    """The document of a body. Raises RefusedError, 400, where there is none."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise _broken("json", f"The body is not valid JSON: {where}.") from error
    if not isinstance(found, dict):
        raise _broken("json", "The body must be an object: a message, or a batch of messages.")
    return found


def _broken(reason: str, message: str) -> RefusedError:
    return RefusedError(400, reason, message, items={CATEGORY: 1})


_last = lru_cache(maxsize=1)(document_of)


def _received(inbound: Inbound) -> dict[str, Any]:
    """The document; key and check ask for it one after the other."""
    return _last(inbound.body) if len(inbound.body) <= _REMEMBERED else document_of(inbound.body)


def key(inbound: Inbound) -> str | None:
    """The user of basic authentication, or the write key in the body."""
    found = keys.from_header(inbound)
    if found:
        return found
    written = _received(inbound).get("writeKey")
    return written if isinstance(written, str) else None


def messages_of(document: dict[str, Any]) -> list[Any]:
    """The messages of a document. Raises RefusedError: 400 where there is none, 413 where there are too many."""
    batch = document.get("batch", [document])
    if not isinstance(batch, list) or not batch:
        raise _broken("empty", "batch must be a list of messages.")
    if len(batch) > MOST_MESSAGES:
        message = f"The batch holds more than {MOST_MESSAGES:,} messages; send smaller ones."
        raise RefusedError(413, "too_many", message, items={CATEGORY: len(batch)})
    return batch


def check(inbound: Inbound) -> Checked:
    """Count the messages; what is wrong with one of them is its quarantine's affair, since no client listens."""
    found = messages_of(_received(inbound))
    return Checked(answers.as_json({"success": True}), {CATEGORY: len(found)})


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """Rows of `raw.usage_events`."""
    document = document_of(entry.body)
    sender = _sender(entry, decoding, document)
    found = messages_of(document)
    digest = request_digest(entry)
    decoded = Decoded(Counter({CATEGORY: len(found)}))
    for number, item in enumerate(found):
        fault = messages.fault_of(item, sender.type)
        if fault is not None:
            decoded.refused.append(_refusal(item, *fault))
            continue
        identity = messages.identity_of(item)
        row = messages.row(item, identity or f"{digest}-{number}", sender)
        decoded.groups.append(Group(CATEGORY, identity, [(USAGE_EVENTS.name, row)]))
    return decoded


def _refusal(item: Any, name: str | None, message: str) -> Refusal:
    reason = f"invalid_{name}" if name else "invalid"
    return Refusal(CATEGORY, reason, message, name, safe_original(item, PERSONAL), table=USAGE_EVENTS.name)


def _sender(entry: Entry, decoding: Decoding, document: dict[str, Any]) -> messages.Sender:
    visitor = entry.meta.get("visitor")
    return messages.Sender(
        project=entry.project,
        secret=decoding.secret,
        received_at=entry.received_at,
        sent_at=instant(document.get("sentAt")),
        visitor=visitor if isinstance(visitor, str) else None,
        type=_TYPE_OF_PATH.get(str(entry.meta.get("path", "")).rstrip("/").rpartition("/")[2]),
    )


def _refused(error: RefusedError) -> Answer:
    return answers.as_json({"success": False, "code": error.reason, "message": error.message}, status=error.status)


_NAMES = ("batch", "import", *_TYPE_OF_PATH)

DOOR = Door(
    name="segment",
    title="Segment",
    description="Tracking calls of Segment's clients for servers, mobiles and browsers; only track keeps a name of "
    "its own, the others are $page, $screen, $identify, $group and $alias.",
    paths=tuple(f"/v1/{name}{end}" for name in _NAMES for end in ("", "/")),
    key=key,
    check=check,
    decode=decode,
    tables=(USAGE_EVENTS.name,),
    refused=_refused,
    cross_origin=True,
)
