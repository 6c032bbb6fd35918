"""Figures about alerts of late, for those who tune rules."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from quality_platform.alerting import analytics as sums
from quality_platform.api.asking import FAILURES, PREFIX, Live, Viewer

router = APIRouter(prefix=PREFIX, tags=["alerts"], responses=FAILURES)


class Times(BaseModel):
    """Seconds; null where nothing was measured."""

    episodes: int
    mean: float | None
    median: float | None
    p90: float | None


class Noise(BaseModel):
    """What a rule cost its readers. Shares are of its episodes."""

    rule: str
    type: str
    episodes: int
    open: int
    messages: int
    messages_per_episode: float
    short_share: float = Field(description="Over within 5 minutes, without a person.")
    flapping_share: float
    silenced_share: float
    untouched: bool = Field(description="No person did anything with any of them.")
    marked: int
    precision: float | None = Field(description="Of those marked, the share that was worth telling.")
    dead_letters: int


class Analytics(BaseModel):
    """Figures of the alerts that began in a span of time."""

    since: datetime
    until: datetime
    episodes: int
    open: int
    by_severity: dict[str, int]
    time_to_detect: Times = Field(description="From the first bad value to the alert.")
    time_to_acknowledge: Times
    time_to_resolve: Times = Field(description="Of those that were over by themselves.")
    time_to_resolve_by_hand: Times
    never_acknowledged_share: float | None = Field(description="Of those that are over.")
    precision: float | None
    truncated: bool = Field(description=f"Whether there were more than {sums.MOST_EPISODES}; the newest are counted.")
    rules: list[Noise] = Field(description="The rule with the most messages first.")


@router.get("/analytics")
def analytics(
    service: Live, _viewer: Viewer,
    days: Annotated[int, Query(ge=1, le=400, description="How far back.")] = 30,
    project_id: Annotated[str | None, Query(max_length=200)] = None,
    rule: Annotated[str | None, Query(max_length=400, description="Key of a rule.")] = None,
) -> Analytics:  # fmt: skip
    """How soon alerts are found, taken care of and over; which rules make noise."""
    until = datetime.now(UTC)
    found = sums.analytics(service.state, until - timedelta(days=days), until, project=project_id, rule=rule)
    return Analytics(**asdict(found))
