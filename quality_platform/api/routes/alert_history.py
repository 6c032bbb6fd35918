"""What has happened to an alert, and how telling of it went."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from quality_platform.alerting import listing
from quality_platform.api import paging
from quality_platform.api.asking import FAILURES, PREFIX, Live, Viewer
from quality_platform.api.delivery_words import Delivery, delivery
from quality_platform.api.routes.alerts import row_of
from quality_platform.state import alerts as stored
from quality_platform.state import delivery_lists

router = APIRouter(prefix=f"{PREFIX}/alerts", tags=["alerts"], responses=FAILURES)
SORT = "sequence"


class Event(BaseModel):
    """One transition: what happened, who or what made it happen, with the evidence."""

    sequence: int
    event_id: str
    alert_id: str
    event_time: datetime
    kind: str
    severity: str
    value: float | None
    threshold: float | None
    observed_at: datetime
    batch_id: str | None
    message: str
    reason: str | None
    actor: str | None = Field(description="Who; null where a rule did.")
    note: str | None


class History(BaseModel):
    """Transitions in their order."""

    events: list[Event]
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class Deliveries(BaseModel):
    """Messages about an alert with their attempts, oldest first."""

    deliveries: list[Delivery]


@router.get("/{alert_id}/history")
def history(
    service: Live, _viewer: Viewer, alert_id: str, limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> History:  # fmt: skip
    """Everything that has happened to it, oldest first."""
    row_of(service.state, alert_id)
    key = paging.read(cursor, SORT, 1)
    after = paging.number(key[0]) if key else 0
    with service.state.read() as session:
        rows = stored.events_of(session, alert_id, after, limit + 1)
    events = [Event(**listing.event_shown(row)) for row in rows[:limit]]
    more = len(rows) > limit
    return History(events=events, next=paging.written(SORT, (events[-1].sequence,)) if more else None)


@router.get("/{alert_id}/deliveries")
def deliveries(service: Live, _viewer: Viewer, alert_id: str) -> Deliveries:
    """Every message about it, to whom, and what became of each attempt."""
    row_of(service.state, alert_id)
    with service.state.read() as session:
        found = delivery_lists.of_alert(session, alert_id)
    return Deliveries(deliveries=[delivery(message, attempts) for message, attempts in found])
