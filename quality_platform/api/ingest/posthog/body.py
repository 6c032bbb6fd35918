"""What PostHog's clients of all ages send: JSON, JSON in a form, base64, gzip inside base64.

Belongs here: from a body to its document and its events. Does not belong here: what an event says (`events.py`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

import orjson

from quality_platform.api.ingest.body import GZIP_MAGIC, decompressed
from quality_platform.api.ingest.contract import Inbound, RefusedError

MOST_EVENTS = 20_000
MOST_BYTES = 16 * 1024 * 1024
"""Of a document that was compressed inside base64; the endpoint knows nothing of it."""
KEYS = ("api_key", "token")
_REMEMBERED = 1024 * 1024


def document_of(body: bytes, data: str | None = None) -> Any:
    """The document of a body, or of the query's `data`. Raises RefusedError, 400, where there is none."""
    if data is not None:
        return _packed(data.encode("utf-8", "replace"))
    if body.startswith(b"data="):
        return _packed(_field(body))
    return _json(body)


def _field(body: bytes) -> bytes:
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    except ValueError as error:
        raise _broken("a form of too many fields") from error
    found = fields.get("data", [""])[0].encode("utf-8", "replace")
    # a plus sign that was not escaped has become a space
    return found if found[:1] in (b"{", b"[") else found.replace(b" ", b"+")


def _packed(text: bytes) -> Any:
    """JSON as it is, or in base64, where it may be compressed besides."""
    if text[:1] in (b"{", b"["):
        return _json(text)
    try:
        plain = base64.b64decode(text + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise _broken("neither JSON nor base64") from error
    return _json(decompressed(plain, "gzip", MOST_BYTES) if plain.startswith(GZIP_MAGIC) else plain)


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _broken(f"not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error


def _broken(what: str) -> RefusedError:
    return RefusedError(400, "json", f"The body is {what}.", items={"event": 1})


def events_of(document: Any) -> list[Any]:
    """The events of a document: a batch, a list, or one. Raises RefusedError, 413, where there are too many."""
    found = document
    if isinstance(document, dict):
        batch = document.get("batch", document.get("data"))
        found = batch if isinstance(batch, list) else document
    events = found if isinstance(found, list) else [found]
    if len(events) > MOST_EVENTS:
        message = f"The batch holds more than {MOST_EVENTS:,} events; send smaller ones."
        raise RefusedError(413, "too_many", message, items={"event": len(events)})
    return events


def received(inbound: Inbound) -> Any:
    """The document of a request; key and check ask for it one after the other."""
    data = inbound.query.get("data") if inbound.method == "GET" else None
    return _last(inbound.body, data) if len(inbound.body) <= _REMEMBERED else document_of(inbound.body, data)


_last = lru_cache(maxsize=1)(document_of)


def key_of(document: Any) -> str | None:
    """The project's key where clients put it: in the document, or in its first event."""
    if isinstance(document, list):
        document = document[0] if document else None
    if not isinstance(document, dict):
        return None
    batch = document.get("batch")
    first = batch[0] if isinstance(batch, list) and batch else None
    for holder in (document, document.get("properties"), first, _properties(first)):
        if isinstance(holder, Mapping):
            for name in KEYS:
                if isinstance(holder.get(name), str):
                    return str(holder[name])
    return None


def _properties(event: Any) -> Any:
    return event.get("properties") if isinstance(event, dict) else None
