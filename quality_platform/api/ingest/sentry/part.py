"""What a decoder of one kind of item is given, and what it gives back in the plain cases.

Belongs here: the shared type. Does not belong here: any kind of item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quality_platform.api.ingest.contract import Decoded, Refusal
from quality_platform.api.ingest.rows import event_time, instant
from quality_platform.api.ingest.sentry.fields import digest


@dataclass(frozen=True)
class Part:
    """One item: its payload, decoded and as it came, and what its envelope and request say."""

    payload: dict[str, Any]
    raw: bytes
    project: str
    secret: bytes
    received_at: int
    sent_at: int | None
    event_id: str | None
    client: str | None

    @cached_property
    def digest(self) -> str:
        """An identity for items that have none: their bytes, which a retry repeats."""
        return digest(self.raw)

    def time(self, claimed: object) -> int:
        """An instant as clients write it, corrected by how far their clock is off."""
        return event_time(instant(claimed), self.received_at, self.sent_at)


Decode = Callable[[Part], Decoded]


def refused(category: str, reason: str, message: str = "", *, table: str = "error_events", field: str | None = None,
            quantity: int = 1) -> Decoded:  # fmt: skip
    """What is left of an item of which nothing is kept. Without a message it is counted and not put aside."""
    refusal = Refusal(category, reason, message, field, quantity=quantity, table=table)
    return Decoded(Counter({category: quantity}), refused=[refusal])
