"""Dead letters: messages that were given up, and sending them again under their old identity. Replaying takes an
editor: it sends what was to be sent anyway, to whom it was to be sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from quality_platform.api.alert_words import Instant
from quality_platform.api.asking import FAILURES, PREFIX, Editor, Live, Viewer, actor
from quality_platform.errors import NotFoundError

router = APIRouter(prefix=f"{PREFIX}/notifications/dead-letters", tags=["notifications"], responses=FAILURES)


Name = Annotated[str, Query(max_length=200)]


class DeadLetter(BaseModel):
    """A message that did not arrive, and what the channel said last."""

    message_id: str
    channel: str
    kind: str
    alert_id: str | None
    title: str
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: datetime


class DeadLetters(BaseModel):
    """Messages that were given up, oldest first."""

    dead_letters: list[DeadLetter]
    next: str | None = Field(description="What to ask for with `after`; null when there are no more.")


class Range(BaseModel):
    """Which of them to send again; what is left out does not narrow it down."""

    model_config = ConfigDict(extra="forbid")

    channel: str | None = Field(default=None, max_length=200)
    since: Instant | None = Field(default=None, description="Made at or after.")
    until: Instant | None = Field(default=None, description="Made before.")
    message_ids: list[Annotated[str, Field(max_length=100)]] | None = Field(default=None, max_length=10_000)


class Replayed(BaseModel):
    """How many are due again."""

    replayed: int


@router.get("")
def listed(
    service: Live, _viewer: Viewer, channel: Name | None = None, kind: Name | None = None,
    alert_id: Name | None = None, since: Instant | None = None, until: Instant | None = None,
    after: Name | None = None, limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> DeadLetters:  # fmt: skip
    """What could not be delivered."""
    from quality_platform.alerting.delivery.dead_letters import dead_letters

    found = dead_letters(
        service.state, channel, kind=kind, alert_id=alert_id, since=since, until=until, after=after, limit=limit + 1
    )
    shown = [DeadLetter(**{name: getattr(each, name) for name in DeadLetter.model_fields}) for each in found[:limit]]
    return DeadLetters(dead_letters=shown, next=shown[-1].message_id if len(found) > limit else None)


@router.post("/replay")
def replay_range(service: Live, editor: Editor, body: Range) -> Replayed:
    """Make a range of them due again."""
    return _replay(
        service, editor, body.message_ids, channel=body.channel, since=body.since, until=body.until
    )  # fmt: skip


@router.post("/{message_id}/replay")
def replay(service: Live, editor: Editor, message_id: str) -> Replayed:
    """Make one due again: a new attempt under the same id, so that a receiver knows it."""
    done = _replay(service, editor, [message_id])
    if not done.replayed:
        raise NotFoundError(f"There is no dead letter {message_id}.")
    return done


def _replay(service: Live, editor: Editor, message_ids: list[str] | None, **within: Any) -> Replayed:
    from quality_platform.alerting.delivery import dead_letters

    number = dead_letters.replay(service.state, datetime.now(UTC), message_ids, actor=actor(editor).name, **within)
    service.happened()
    return Replayed(replayed=number)
