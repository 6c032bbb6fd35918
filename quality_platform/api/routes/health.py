"""Whether the live service lives, and whether it can take something in. Open to everybody."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

router = APIRouter(tags=["health"])


@router.get("/health/live")
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/health/ready")
def ready(request: Request, response: Response) -> dict[str, object]:
    """What is accepted now would be durable."""
    service = request.app.state.service
    free = service.spool.has_room()
    response.status_code = 200 if free else 503
    return {"status": "ok" if free else "full"}
