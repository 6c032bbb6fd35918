"""What a door is: which paths it serves, whose key it is, what it answers, and how its bytes become rows.

Belongs here: the types that doors, endpoint and drain share. Does not belong here: any protocol.

A request passes twice. In the API process `check` looks at it just long enough to answer; then its bytes are made
durable. In the drain process `decode` makes rows of it, scrubbed. Both are pure: the same bytes, the same result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quality_platform.model.batch import ORIGINAL_LIMIT
from quality_platform.spool.item import Entry

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Inbound:
    """A request as it came in: header names in small letters, body decompressed.

    `visitor` is a keyed hash of network, browser and day; the address itself goes no further than the endpoint.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    received_at: int
    visitor: str | None = None

    @property
    def media_type(self) -> str:
        """The content type without parameters, in small letters; empty where none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client is told."""

    status: int = 200
    body: bytes = b"{}"
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """Nothing of the request is taken. `reason` is one word for the ledger, `message` says what would be accepted.

    `retry_after` is in seconds, where it is known; `items` says how many of which category were refused.
    """

    def __init__(
        self, status: int, reason: str, message: str, *, items: Mapping[str, int] | None = None,
        retry_after: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.items = dict(items or {"other": 1})
        self.retry_after = retry_after
        self.media_type = ""
        """Content type of the request, for doors that answer in its encoding; the endpoint fills it in."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A request that is let in: what to answer once it is durable, how many items of which category it brings.

    `meta` is kept with the bytes and given to `decode`; what the endpoint adds itself, where it is not there yet, is
    `path`, `media_type`, `client` (the User-Agent) and `visitor`.
    """

    answer: Answer
    items: Mapping[str, int]
    meta: Mapping[str, object] = field(default_factory=dict)
    reports: bool = False
    """Whether it brings reports of what the client threw away: they are no items, and no quota holds them back."""
    kept: bytes | None = None
    """What to keep in place of the body, where `check` had to read it anyway and the drain reads this more quickly."""


def held_back(entry: Entry) -> Collection[str]:
    """Categories of a request of which nothing is to be stored: the project was over its quota when it came."""
    limited = entry.meta.get("over_quota")
    return limited if isinstance(limited, list) else ()


@dataclass(slots=True)
class Group:
    """Items that are stored together or are duplicates together.

    `identity` is the protocol's own id (of an event, of a request); the drain stores one identity of a project and
    category once. One stored item is one row, so `rows` says how many items there are.
    """

    category: str
    identity: str | None
    rows: list[tuple[str, tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Items that were let in but cannot be stored. `original` must be scrubbed already; it goes to quarantine."""

    category: str
    reason: str
    message: str
    field: str | None = None
    original: bytes | None = None
    quantity: int = 1
    table: str = "error_events"

    @property
    def kept(self) -> bytes | None:
        """The original, cut."""
        return self.original[:ORIGINAL_LIMIT] if self.original else None


@dataclass(frozen=True, slots=True)
class Loss:
    """What a client says it threw away itself."""

    category: str
    reason: str
    quantity: int
    at: int
    client: str | None = None


@dataclass(slots=True)
class Decoded:
    """What a request held. `received` is counted where items are found, not where they end up, so that the two
    sides of the ledger are counted apart: received = stored + duplicate + rejected."""

    received: Counter[str] = field(default_factory=Counter)
    groups: list[Group] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    lost: list[Loss] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Decoding:
    """What a decoder is given besides the bytes."""

    secret: bytes
    keep_source: frozenset[str] = frozenset()
    """Projects that want source lines around a frame kept."""


Check = Callable[[Inbound], Checked]
Decode = Callable[[Entry, Decoding], Decoded]


@dataclass(frozen=True, slots=True)
class Door:
    """A registry entry.

    `paths` are Starlette's route patterns. `key` finds the ingest key where this client puts it. `refused` words an
    error as this client understands it. `limited`, where the client understands it, adds to the answer of a request
    that was taken in part which categories are held back for how many seconds. `cross_origin` lets browsers of any site
    send.
    """

    name: str
    title: str
    description: str
    paths: Sequence[str]
    key: Callable[[Inbound], str | None]
    check: Check
    decode: Decode
    tables: Sequence[str]
    refused: Callable[[RefusedError], Answer]
    cross_origin: bool = False
    limited: Callable[[Answer, Collection[str], int], Answer] | None = None
