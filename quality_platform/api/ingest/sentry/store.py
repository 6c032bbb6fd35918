"""The store endpoint of clients from before envelopes: the body is one event, plain or as base64 of deflated JSON.

Belongs here: making an envelope of it. Does not belong here: the event (`events.py`).
"""

from __future__ import annotations

import base64
import binascii
import zlib

import orjson

from quality_platform.api.ingest.contract import RefusedError
from quality_platform.api.ingest.sentry.envelope import Envelope, Item
from quality_platform.api.ingest.sentry.fields import event_id

LARGEST_EVENT = 8 * 1024 * 1024
"""Bytes of an event when inflated. Sentry's own limit is 1 MiB."""


def is_store(path: str) -> bool:
    """Whether `path` is the store endpoint's."""
    return path.rstrip("/").endswith("/store")


def envelope_of(body: bytes) -> tuple[Envelope, bytes]:
    """An envelope with the event as its one item, and the bytes that it refers to. Raises RefusedError, 400."""
    plain = body if body.lstrip()[:1] == b"{" else _inflated(body)
    try:
        event = orjson.loads(plain)
    except orjson.JSONDecodeError as error:
        message = f"The event is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        raise RefusedError(400, "json", message, items={"error": 1}) from error
    if not isinstance(event, dict):
        raise RefusedError(400, "json", "The body must be one event, a JSON object.", items={"error": 1})
    kind = "transaction" if event.get("type") == "transaction" else "event"
    return Envelope({"event_id": event_id(event.get("event_id"))}, [Item(kind, {}, 0, len(plain))]), plain


def _inflated(body: bytes) -> bytes:
    engine = zlib.decompressobj()
    try:
        plain = engine.decompress(base64.b64decode(body), LARGEST_EVENT)
    except (binascii.Error, zlib.error, ValueError) as error:
        message = "The body is neither JSON nor base64 of deflated JSON."
        raise RefusedError(400, "encoding", message, items={"error": 1}) from error
    if not engine.eof:
        raise RefusedError(413, "too_large", f"The event is larger than {LARGEST_EVENT:,} bytes.", items={"error": 1})
    return plain
