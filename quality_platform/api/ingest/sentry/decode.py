"""A stored request into rows: every item by the decoder of its kind, one broken item at no other's cost.

Belongs here: the way from bytes to decoders and what becomes of items that have none. Does not belong here: any kind
of item.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Collection
from dataclasses import dataclass

from quality_platform.api.ingest.contract import Decoded, Decoding, Refusal, RefusedError, held_back
from quality_platform.api.ingest.rows import instant, text
from quality_platform.api.ingest.sentry import store
from quality_platform.api.ingest.sentry.envelope import Envelope, Item, parse
from quality_platform.api.ingest.sentry.fields import event_id
from quality_platform.api.ingest.sentry.kinds import KINDS, OTHER, Kind
from quality_platform.api.ingest.sentry.part import Part, refused
from quality_platform.collectors.logs.json_decode import decode_object
from quality_platform.spool.item import Entry

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _About:
    """What an envelope says about all its items."""

    sent_at: int | None
    event_id: str | None
    client: str | None


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """What a request holds, scrubbed. Never raises: what cannot be read is refused."""
    try:
        envelope, body = envelope_of(str(entry.meta.get("path", "")), entry.body)
    except RefusedError as error:
        return refused("other", error.reason, error.message)
    own = sum(item.type in ("event", "transaction") for item in envelope.items) == 1
    about = _About(
        sent_at=instant(envelope.header.get("sent_at")),
        # the envelope's id is that of its event; with two of them it can be only one's
        event_id=event_id(envelope.header.get("event_id")) if own else None,
        client=text(entry.meta.get("client"), 200),
    )
    decoded = Decoded()
    for item in envelope.items:
        _merge(decoded, _decoded(item, body, about, entry, decoding))
    return _within(decoded, held_back(entry))


def envelope_of(path: str, body: bytes) -> tuple[Envelope, bytes]:
    """The envelope that a request to `path` brings, and the bytes that its items are in. Raises RefusedError."""
    return store.envelope_of(body) if store.is_store(path) else (parse(body), body)


def _decoded(item: Item, body: bytes, about: _About, entry: Entry, decoding: Decoding) -> Decoded:
    if item.fault == "item_header":
        return refused("other", item.fault, "An item's header is no JSON object with a type.")
    kind = KINDS.get(item.type)
    if kind is None:
        return refused("other", "unknown_type")
    if kind is OTHER:
        return refused("other", "not_kept")
    raw = body[item.start : item.end]
    payload = decode_object(raw)
    if isinstance(payload, str):
        return refused(kind.category, item.fault or "invalid_json", _fault(item, payload), table=kind.table)
    part = Part(
        payload=payload,
        raw=raw,
        project=entry.project,
        secret=decoding.secret,
        received_at=entry.received_at,
        sent_at=about.sent_at,
        event_id=about.event_id,
        client=about.client,
    )
    return _by_kind(kind, part)


def _fault(item: Item, found: str) -> str:
    return "The item is shorter than its header says." if item.fault else found.replace("The line", "The payload")


def _by_kind(kind: Kind, part: Part) -> Decoded:
    assert kind.decode is not None
    try:
        return kind.decode(part)
    except Exception as error:  # ours, and no reason to lose the items beside it
        # without the error's text, which may hold what the client sent
        LOG.error("an item of category %s: %s at\n%s", kind.category, type(error).__name__,
                  "".join(traceback.format_tb(error.__traceback__)))  # fmt: skip
        message = f"The decoder failed: {type(error).__name__}."
        return refused(kind.category, "internal", message, table=kind.table)


def _merge(decoded: Decoded, more: Decoded) -> None:
    decoded.received.update(more.received)
    decoded.groups += more.groups
    decoded.refused += more.refused
    decoded.lost += more.lost


def _within(decoded: Decoded, over: Collection[str]) -> Decoded:
    """The same without the categories that the project may not send now."""
    kept = [group for group in decoded.groups if group.category not in over]
    refusals = [
        Refusal(group.category, "over_quota", "", quantity=len(group.rows))
        for group in decoded.groups
        if group.category in over
    ]
    return Decoded(decoded.received, kept, decoded.refused + refusals, decoded.lost)
