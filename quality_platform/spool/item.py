"""What the spool keeps of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Entry:
    """A request as it was accepted: `body` is decompressed, `received_at` is in microseconds since 1970.

    `meta` is what a decoder needs besides the body: path, content type, client, a visitor's hash. No header that
    holds a secret, no address.
    """

    project: str
    door: str
    received_at: int
    body: bytes
    meta: Mapping[str, object] = field(default_factory=dict)


UNREADABLE = "unreadable"
"""Door of what stands for a record that does not open: sealed with another key, or damaged. Its body is the record,
its meta says how many entries it held; whose they were is inside."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """An entry with its place in the spool; places grow, and are never given twice."""

    place: int
    entry: Entry
