"""Deliveries: every message, the newest first, with its attempts."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from quality_platform.api import paging
from quality_platform.api.alert_words import Instant
from quality_platform.api.asking import FAILURES, PREFIX, Live, Viewer
from quality_platform.api.delivery_words import Delivery, delivery
from quality_platform.state import delivery_lists

router = APIRouter(prefix=f"{PREFIX}/notifications", tags=["notifications"], responses=FAILURES)
SORT = "-position"


class DeliveryPage(BaseModel):
    """A page of messages."""

    deliveries: list[Delivery]
    next: str | None = Field(description="Cursor of the next page; null on the last.")


@router.get("/deliveries")
def listed(
    service: Live, _viewer: Viewer,
    channel: Annotated[str | None, Query(max_length=200, description="Name of a channel.")] = None,
    state: Annotated[Literal["pending", "leased", "delivered", "dead", "coalesced"] | None, Query()] = None,
    since: Annotated[Instant | None, Query(description="Made at or after.")] = None,
    until: Annotated[Instant | None, Query(description="Made before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: Annotated[str | None, Query(max_length=500, description="`next` of the page before.")] = None,
) -> DeliveryPage:  # fmt: skip
    """Messages and their attempts."""
    key = paging.read(cursor, SORT, 1)
    before = paging.number(key[0]) if key else None
    with service.state.read() as session:
        rows = delivery_lists.page(
            session, limit + 1, before, channel=channel, state=state, since=since, until=until
        )  # fmt: skip
        found = delivery_lists.with_attempts(session, rows[:limit])
    more = len(rows) > limit
    shown = [delivery(message, attempts) for message, attempts in found]
    return DeliveryPage(deliveries=shown, next=paging.written(SORT, (rows[limit - 1].position,)) if more else None)
