"""Live monitoring: how it is, starting it, stopping it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from quality_platform import __version__
from quality_platform.access.tokens import Principal
from quality_platform.alerting import monitoring
from quality_platform.api.condition import waiting
from quality_platform.api.ingest.registry import DOORS
from quality_platform.api.security.bearer import REFUSALS, require
from quality_platform.api.service import Service

router = APIRouter(prefix="/api/v1/quality-monitoring", tags=["monitoring"], responses=REFUSALS)


class Spool(BaseModel):
    """What was accepted and is not in the lake yet."""

    waiting: int = Field(description="Requests that wait for the lake.")
    lag_seconds: float = Field(description="For how long none of them has got there.")


class Drain(BaseModel):
    """The process that brings the spool to the lake. It ends by itself when nothing comes for a minute."""

    alive: bool


class Status(BaseModel):
    """How live monitoring and the live service are."""

    running: bool = Field(description="Whether thresholds are evaluated live and live sources are read.")
    since: datetime | None = Field(description="When it was last started or stopped; null where nobody did.")
    by: str | None = Field(description="Token that did.")
    uptime_seconds: float
    version: str
    doors: list[str] = Field(description="Protocols that are taken in.")
    spool: Spool
    drain: Drain


@router.get("/status")
def status(request: Request, _viewer: Annotated[Principal, Depends(require("viewer"))]) -> Status:
    """How live monitoring and the live service are."""
    return _status(request.app.state.service)


@router.post("/start")
def start(request: Request, editor: Annotated[Principal, Depends(require("editor"))]) -> Status:
    """Evaluate thresholds on what comes in, read live sources. Starting twice is no error."""
    return _turned(request.app.state.service, editor, running=True)


@router.post("/stop")
def stop(request: Request, editor: Annotated[Principal, Depends(require("editor"))]) -> Status:
    """Pause that. What applications send is taken in and stored all the same."""
    return _turned(request.app.state.service, editor, running=False)


def _turned(service: Service, editor: Principal, *, running: bool) -> Status:
    monitoring.set_running(service.state, running, f"token {editor.name}", datetime.now(UTC))
    return _status(service)


def _status(service: Service) -> Status:
    switch = monitoring.read(service.state)
    found = waiting(service)
    return Status(
        running=switch.running,
        since=switch.since,
        by=switch.by,
        uptime_seconds=time.time() - service.started_at,
        version=__version__,
        doors=[door.name for door in DOORS if door.paths],
        spool=Spool(waiting=found.entries, lag_seconds=found.lag_seconds),
        drain=Drain(alive=service.supervisor.alive),
    )
