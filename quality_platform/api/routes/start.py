"""Where things are: what somebody sees who opens the address in a browser. Open to everybody, says nothing private."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from quality_platform import __version__

router = APIRouter(tags=["start"])


class Start(BaseModel):
    """Addresses to go on from."""

    name: str = "quality_platform"
    version: str = __version__
    openapi: str = "/api/v1/openapi.json"
    live: str = "/health/live"
    ready: str = "/health/ready"
    metrics: str = "/metrics"
    status: str = "/api/v1/quality-monitoring/status"
    ledger: str = "/api/v1/ingest/ledger"
    help: str = "`quality-platform keys create PROJECT` shows what to put into each client."


@router.get("/")
async def start() -> Start:
    """Where things are."""
    return Start()
