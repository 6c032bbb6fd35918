"""`/api/v2/silences` and `/api/v2/silence/{id}`: silences made, read, ended by Alertmanager's clients."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response

from quality_platform.alerting.routing.matchers import from_json
from quality_platform.api.asking import Live, actor
from quality_platform.api.routes.alertmanager.access import Editor, Viewer
from quality_platform.api.routes.alertmanager.forms import PostableSilence, Shown, SilenceId, written
from quality_platform.api.routes.silences import status_of
from quality_platform.errors import ConflictError, NotFoundError
from quality_platform.model.matchers import Matcher, parsed_all
from quality_platform.state.models import SilenceRow

router = APIRouter(prefix="/api/v2", tags=["alertmanager"])


@router.get("/silences")
def listed(
    service: Live, _viewer: Viewer, filter: Annotated[list[str], Query(max_length=50)] = [],  # noqa: A002, B006
) -> list[Shown]:  # fmt: skip
    """Silences, those that are over among them. A filter is held against their matchers' names and values."""
    from quality_platform.alerting.episodes import silences

    wanted, now = parsed_all(filter), datetime.now(UTC)
    return [_shown(row, now) for row in silences.listed(service.state) if _passes(row, wanted)]


@router.post("/silences")
def create(service: Live, editor: Editor, body: PostableSilence) -> SilenceId:
    """A new silence, or another form of one; one that is over is made anew."""
    from quality_platform.alerting.episodes import silences

    now = datetime.now(UTC)
    if body.endsAt is None:
        raise HTTPException(400, "endsAt in body is required")
    matchers = tuple(from_json(each.model_dump()) for each in body.matchers)
    starts_at = max(body.startsAt or now, now)
    silence = silences.NewSilence(matchers, starts_at, body.endsAt, body.comment)
    plan, who = service.plans.look(), actor(editor).name
    try:
        row = silences.create(service.state, plan, silence, who, now, replaces=body.id or None)
    except ConflictError:
        row = silences.create(service.state, plan, silence, who, now)
    _name_author(service, row.id, body.createdBy)
    service.happened()
    return SilenceId(silenceID=row.id)


@router.get("/silence/{silence_id}")
def one(service: Live, _viewer: Viewer, silence_id: str) -> Shown:
    """One silence."""
    from quality_platform.alerting.episodes import silences

    return _shown(silences.get(service.state, silence_id), datetime.now(UTC))


@router.delete("/silence/{silence_id}")
def expire(service: Live, editor: Editor, silence_id: str) -> Response:
    """End a silence now."""
    from quality_platform.alerting.episodes import silences

    now = datetime.now(UTC)
    try:
        silences.expire(service.state, service.plans.look(), silence_id, actor(editor).name, now)
    except NotFoundError:
        raise HTTPException(404, "silence not found") from None
    service.happened()
    return Response()


def _name_author(service: Live, silence_id: str, author: str) -> None:
    """Show who the client says made it; the audit has whose token it was."""
    if not author:
        return
    with service.state.write() as session:
        row = session.get(SilenceRow, silence_id)
        if row is not None:
            row.created_by = author


def _passes(row: SilenceRow, wanted: Iterable[Matcher]) -> bool:
    labels = {each["name"]: each["value"] for each in json.loads(row.matchers)}
    return all(matcher.matches(labels) for matcher in wanted)


def _shown(row: SilenceRow, now: datetime) -> Shown:
    return {
        "id": row.id, "status": {"state": status_of(row, now)}, "updatedAt": written(row.updated_at),
        "comment": row.comment, "createdBy": row.created_by, "endsAt": written(row.ends_at),
        "startsAt": written(row.starts_at), "matchers": json.loads(row.matchers),
    }  # fmt: skip
