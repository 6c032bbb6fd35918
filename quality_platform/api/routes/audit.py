"""The audit: who changed what. For admins, because it names people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from quality_platform.access import trail
from quality_platform.access.tokens import Principal
from quality_platform.api.security.bearer import REFUSALS, require

router = APIRouter(prefix="/api/v1", tags=["access"], responses=REFUSALS)
BIGGEST = 2**63 - 1


class Change(BaseModel):
    """One change: at `at`, `actor` did `action` to `subject`."""

    position: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, object]


class Audit(BaseModel):
    """Changes, newest first; ask again with `before` for older ones."""

    changes: list[Change]
    before: int | None


@router.get("/audit")
def audit(
    request: Request,
    _admin: Annotated[Principal, Depends(require("admin"))],
    limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
    before: Annotated[int | None, Query(ge=1, le=BIGGEST, description="Position to go on from.")] = None,
    actor: Annotated[str | None, Query(max_length=200)] = None,
    action: Annotated[str | None, Query(max_length=100, description="An action, or an area such as `token`.")] = None,
    subject: Annotated[str | None, Query(max_length=200)] = None,
) -> Audit:
    """Who changed what."""
    state = request.app.state.service.state
    found = trail.changes(state, limit=limit, before=before, actor=actor, action=action, subject=subject)
    changes = [
        Change(position=each.position, at=each.at, actor=each.actor, action=each.action, subject=each.subject,
               details=dict(each.details))
        for each in found
    ]  # fmt: skip
    return Audit(changes=changes, before=changes[-1].position if len(changes) == limit else None)
