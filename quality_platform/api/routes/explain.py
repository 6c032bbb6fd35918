"""Why a channel was told of an alert, is told later, or is not told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from quality_platform.api.asking import FAILURES, PREFIX, Live, Viewer

router = APIRouter(prefix=f"{PREFIX}/alerts", tags=["alerts"], responses=FAILURES)


class Step(BaseModel):
    """One thing that was looked at for a channel."""

    channel: str
    what: str = Field(description="rule, route, silence, mute window, inhibition, … and last the outcome.")
    verdict: str = Field(description="passes, holds (back for now), stops, waits, told.")
    because: str


class Explanation(BaseModel):
    """The steps from the rule to each channel, in their order; the last one of a channel is what came of it."""

    alert_id: str
    steps: list[Step]


@router.get("/{alert_id}/explain")
def explain(
    service: Live, _viewer: Viewer, alert_id: str,
    channel: Annotated[str | None, Query(max_length=200, description="By default all that have to do with it.")] = None,
) -> Explanation:  # fmt: skip
    """Which rule, route, silence, inhibition or limit decided."""
    from quality_platform.alerting import explain as explaining

    found = explaining.explain(service.state, service.plans.look(), alert_id, channel, datetime.now(UTC))
    steps = [
        Step(channel=each.channel, what=each.what, verdict=each.verdict, because=each.because) for each in found
    ]  # fmt: skip
    return Explanation(alert_id=alert_id, steps=steps)
