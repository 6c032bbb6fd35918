"""What explains a metric's steps, and what a project's slow time comes from.

Does not belong here: the steps themselves (`series.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from quality_platform.api.asking import FAILURES, PREFIX, Live, Viewer
from quality_platform.api.routes.series import Days, Limit, Name, Offset, full, pairs

router = APIRouter(prefix=PREFIX, tags=["metrics"], responses=FAILURES)


class Causes(BaseModel):
    """Rows of marts.metric_change_causes, the newest step first, its parts by dimension and rank."""

    causes: list[dict[str, Any]]
    more: bool = Field(description="Whether there are rows beyond `offset` + `limit`.")


class Bottlenecks(BaseModel):
    """Rows of marts.bottlenecks by project, period and rank."""

    bottlenecks: list[dict[str, Any]]
    more: bool = Field(description="Whether there are rows beyond `offset` + `limit`.")


_CAUSES = """
SELECT * FROM marts.metric_change_causes
WHERE metric = ? AND changed_at >= ? AND (? IS NULL OR project = ?) AND (? IS NULL OR subject = ?)
    AND (? IS NULL OR dimension = ?)
ORDER BY changed_at DESC, project, subject, labels, dimension, rank LIMIT ? OFFSET ?
"""
_BOTTLENECKS = """
SELECT * FROM marts.bottlenecks
WHERE (? IS NULL OR project = ?) AND (? IS NULL OR service = ?) AND (? IS NULL OR period = ?)
    AND (? IS NULL OR kind = ?)
ORDER BY project, period, rank LIMIT ? OFFSET ?
"""


@router.get("/metrics/{metric}/causes")
def causes(
    service: Live, _viewer: Viewer, metric: str, project_id: Name | None = None, subject: Name | None = None,
    dimension: Annotated[str | None, Query(max_length=100, description="file, commit, route …")] = None,
    days: Days = 90, limit: Limit = 200, offset: Offset = 0,
) -> Causes:  # fmt: skip
    """The files, commits, error groups, routes … that moved with a metric's steps, as shares."""
    wanted = [full(metric), datetime.now(UTC) - timedelta(days=days), *pairs(project_id, subject, dimension)]
    found = service.reader.rows(_CAUSES, [*wanted, limit + 1, offset])
    return Causes(causes=found[:limit], more=len(found) > limit)


@router.get("/bottlenecks")
def bottlenecks(
    service: Live, _viewer: Viewer, project_id: Name | None = None,
    service_name: Annotated[Name | None, Query(alias="service")] = None,
    period: Annotated[Literal["24h", "7d"] | None, Query()] = None,
    kind: Annotated[Literal["route", "query", "dependency", "resource"] | None, Query()] = None,
    limit: Limit = 100, offset: Offset = 0,
) -> Bottlenecks:  # fmt: skip
    """The routes, queries and resources that slow requests have to do with, ranked."""
    wanted = pairs(project_id, service_name, period, kind)
    found = service.reader.rows(_BOTTLENECKS, [*wanted, limit + 1, offset])
    return Bottlenecks(bottlenecks=found[:limit], more=len(found) > limit)
