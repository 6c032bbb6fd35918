"""Whether the live service lives, and whether it can take something in. Open to everybody."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from quality_platform.api.condition import faults

router = APIRouter(tags=["health"])


class Live(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """Whether what is sent now is durable and reaches the lake."""

    status: Literal["ok", "failing"]
    reasons: dict[str, str] = Field(default_factory=dict, description="What is wrong, by part: spool, state, drain.")


@router.get("/health/live")
async def live() -> Live:
    """The process answers."""
    return Live()


@router.get("/health/ready", responses={503: {"model": Ready, "description": "Something keeps it from its work."}})
def ready(request: Request, response: Response) -> Ready:
    """What is accepted now is durable, and reaches the lake."""
    reasons = dict(faults(request.app.state.service))
    response.status_code = 503 if reasons else 200
    return Ready(status="failing" if reasons else "ok", reasons=reasons)
