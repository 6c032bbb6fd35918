"""The words for messages on their way: what is shown of one and of each attempt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from quality_platform.state.models import DeliveryRow, OutboxRow


class Attempt(BaseModel):
    """One attempt to hand a message over."""

    attempt: int
    started_at: datetime
    seconds: float
    outcome: str = Field(description="delivered, retry, dead, or unknown where the sender ended before it could say.")
    status: int | None = Field(description="The receiver's answer, where it has numbers for them.")
    error: str | None


class Delivery(BaseModel):
    """A message to one channel."""

    message_id: str
    channel: str
    alert_id: str | None
    kind: str = Field(description="firing, resolved and the like; report; test.")
    severity: str
    state: str = Field(description="pending, leased (being sent), delivered, dead (given up), coalesced.")
    attempts: int
    created_at: datetime
    next_at: datetime
    expires_at: datetime
    delivered_at: datetime | None
    last_status: int | None
    last_error: str | None
    tries: list[Attempt]


def delivery(row: OutboxRow, attempts: Sequence[DeliveryRow]) -> Delivery:
    """A message with its attempts."""
    tries = [
        Attempt(
            attempt=each.attempt, started_at=each.started_at, seconds=each.seconds, outcome=each.outcome,
            status=each.status, error=each.error,
        )
        for each in attempts
    ]  # fmt: skip
    names = [name for name in Delivery.model_fields if name != "tries"]
    return Delivery(**{name: getattr(row, name) for name in names}, tries=tries)
