"""Dead letters: messages that were given up, and sending them again under their old identity. Replaying takes an
editor: it sends what was to be sent anyway, to whom it was to be sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from quality_platform.api.alert_words import Instant
from quality_platform.api.asking import FAILURES, PREFIX, Editor, Live, Viewer, actor
from quality_platform.errors import NotFoundError
from quality_platform.state import audit

router = APIRouter(prefix=f"{PREFIX}/notifications/dead-letters", tags=["notifications"], responses=FAILURES)


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
def listed(service: Live, _viewer: Viewer, channel: Annotated[str | None, Query(max_length=200)] = None) -> DeadLetters:
    """What could not be delivered."""
    return DeadLetters(dead_letters=_letters(service, channel))


@router.post("/replay")
def replay_range(service: Live, editor: Editor, body: Range) -> Replayed:
    """Make a range of them due again."""
    wanted = [
        each.message_id for each in _letters(service, body.channel)
        if (body.since is None or each.created_at >= body.since)
        and (body.until is None or each.created_at < body.until)
        and (body.message_ids is None or each.message_id in set(body.message_ids))
    ]  # fmt: skip
    return Replayed(replayed=_replay(service, editor, wanted, body.channel or "all channels"))


@router.post("/{message_id}/replay")
def replay(service: Live, editor: Editor, message_id: str) -> Replayed:
    """Make one due again: a new attempt under the same id, so that a receiver knows it."""
    if not any(each.message_id == message_id for each in _letters(service, None)):
        raise NotFoundError(f"There is no dead letter {message_id}.")
    return Replayed(replayed=_replay(service, editor, [message_id], message_id))


def _letters(service: Live, channel: str | None) -> list[DeadLetter]:
    from quality_platform.alerting.delivery import dead_letters

    found = dead_letters.dead_letters(service.state, channel)
    return [DeadLetter(**{name: getattr(each, name) for name in DeadLetter.model_fields}) for each in found]


def _replay(service: Live, editor: Editor, message_ids: list[str], subject: str) -> int:
    from quality_platform.alerting.delivery import dead_letters

    now = datetime.now(UTC)
    if not message_ids:
        return 0
    with service.state.write() as session:
        details = {"messages": len(message_ids)}
        audit.record(
            session, now, actor=actor(editor).name, action="delivery.replay", subject=subject, details=details
        )  # fmt: skip
    number = dead_letters.replay(service.state, now, message_ids)
    service.happened()
    return number
