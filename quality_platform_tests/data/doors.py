"""A request taken through a door without a service around it: checked as the endpoint does, decoded as the drain does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from quality_platform.api.ingest.contract import Checked, Decoded, Decoding, Door, Inbound
from quality_platform.model.tables import RAW_TABLES
from quality_platform.spool.item import Entry

SECRET = b"s" * 32
NOW = int(datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp() * 1e6)
SECRETS = ("hunter2", "4111111111111111", "bob@example.com", "203.0.113.77")
"""What no row and no quarantine may hold."""


def inbound(
    door: Door,
    body: object,
    *,
    path: str | None = None,
    method: str = "POST",
    query: Mapping[str, str] | None = None,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Inbound:
    """A request as the endpoint hands it over; anything but bytes is sent as JSON."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    whole = {"content-type": media_type, **(headers or {})}
    return Inbound(method, path or door.paths[0], query or {}, whole, raw, NOW, "visitor-of-today")


def decoded(door: Door, request: Inbound, checked: Checked, *, project: str = "shop", **meta: object) -> Decoded:
    """What the drain makes of a request that was let in."""
    kept = {
        "path": request.path,
        "media_type": request.media_type,
        "client": request.headers.get("user-agent", ""),
        "visitor": request.visitor,
        "items": dict(checked.items),
        **checked.meta,
        **meta,
    }
    body = request.body if checked.kept is None else checked.kept
    return door.decode(Entry(project, door.name, request.received_at, body, kept), Decoding(SECRET))


def taken(door: Door, body: object, **given: Any) -> Decoded:
    """What becomes of a request; `given` as for `inbound`."""
    request = inbound(door, body, **given)
    return decoded(door, request, door.check(request))


def rows(found: Decoded, table: str) -> list[dict[str, Any]]:
    """The rows of one table, by column."""
    names = [column.name for column in RAW_TABLES[table].columns]
    return [dict(zip(names, row, strict=True)) for group in found.groups for name, row in group.rows if name == table]


def assert_adds_up(found: Decoded) -> None:
    """Each item that was received ended once: in a row or refused."""
    ended: Counter[str] = Counter()
    for group in found.groups:
        ended[group.category] += len(group.rows)
    for refusal in found.refused:
        ended[refusal.category] += refusal.quantity
    assert +ended == +found.received


def assert_safe(found: Decoded, *words: str) -> None:
    """None of the secrets is in what would be written."""
    whole = repr((found.groups, found.refused, found.lost))
    assert not [word for word in (*SECRETS, *words) if word in whole], whole
