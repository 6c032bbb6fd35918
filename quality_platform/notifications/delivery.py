"""What is handed to a channel, and what the channel hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from quality_platform.model.message import Message


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside the message; only mail can carry it."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way. Equal at every attempt but for `attempt`, so that receivers can drop repeats.

    They know them by `message_id`. `kind` is the event's type for machines (`alert.firing`, `alert.resolved`,
    `report.daily`), `payload` its data as JSON values; that of an alert is read by `alert_group.py`. `attempt` counts
    from 1: after the first, somebody may have it already.
    """

    message_id: str
    message: Message
    kind: str
    created_at: datetime
    payload: Mapping[str, object] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of a delivery: the receiver's status code, where it has one, and a sentence."""

    status: int | None
    detail: str


Sender = Callable[[Delivery], Receipt]
"""Delivers, or raises `DeliveryError` whose `retry` says whether another attempt may help."""
