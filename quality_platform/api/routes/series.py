"""Metrics as series: what there is, what detection says of them, and a picture.

Does not belong here: the live service's own metrics (`metrics.py`), putting a plot together
(`reports/series_plots.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from quality_platform.api.asking import FAILURES, PREFIX, Live, Viewer
from quality_platform.errors import NotFoundError

router = APIRouter(prefix=PREFIX, tags=["metrics"], responses=FAILURES)

Name = Annotated[str, Query(max_length=400)]
Days = Annotated[int, Query(ge=1, le=4_000, description="How far back.")]
Limit = Annotated[int, Query(ge=1, le=1_000)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
PICTURES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {}, "image/png": {}}, "description": "The picture."}
}


class Identity(BaseModel):
    """What makes a series one."""

    metric: str
    project: str
    subject: str
    labels: str = Field(description="Canonical JSON.")


class Listed(Identity):
    """A series and how it stands."""

    points: int
    first_at: datetime
    last_at: datetime
    last_value: float | None


class SeriesPage(BaseModel):
    """Series by project, subject and labels."""

    series: list[Listed]
    more: bool = Field(description="Whether there are series beyond `offset` + `limit`.")


class Verdicts(BaseModel):
    """Rows of the marts of the same names, newest first; `docs/tables.md` has their columns."""

    changes: list[dict[str, Any]] = Field(
        description="marts.metric_changes; `causes`: what moved with it, the first three of every dimension"
    )
    trends: list[dict[str, Any]] = Field(description="marts.metric_trends")
    anomalies: list[dict[str, Any]] = Field(description="marts.metric_anomalies")
    forecasts: list[dict[str, Any]] = Field(description="marts.metric_forecasts, the furthest ahead first")
    crossings: list[dict[str, Any]] = Field(description="marts.metric_crossings")


class Crossings(BaseModel):
    """Rows of marts.metric_crossings that are still to come, the nearest first."""

    crossings: list[dict[str, Any]]
    more: bool


class Stories(BaseModel):
    """Steps that happened together, newest first: rows of marts.change_stories by story."""

    stories: list[dict[str, Any]]
    more: bool


_WANTED = "(? IS NULL OR project = ?) AND (? IS NULL OR subject = ?)"
_SERIES = f"""
SELECT metric, project, subject, labels, count(*)::BIGINT AS points, min(observed_at) AS first_at,
       max(observed_at) AS last_at, arg_max(value, observed_at) AS last_value
FROM marts.fct_observations WHERE metric = ? AND {_WANTED}
GROUP BY ALL ORDER BY project, subject, labels LIMIT ? OFFSET ?
"""
_STORIES = """
SELECT story_id, any_value(title) AS title, any_value(project) AS project, any_value(started_at) AS started_at,
       any_value(ended_at) AS ended_at, any_value(commit_sha) AS commit_sha, count(*)::BIGINT AS steps,
       any_value(regressions) AS regressions, any_value(improvements) AS improvements,
       list({'metric': metric, 'subject': subject, 'labels': labels, 'changed_at': changed_at} ORDER BY metric, subject)
           AS changes
FROM marts.change_stories
WHERE ended_at >= ? AND (? IS NULL OR project = ?)
GROUP BY story_id ORDER BY ended_at DESC, story_id LIMIT ? OFFSET ?
"""
_CROSSINGS = """
SELECT * FROM marts.metric_crossings
WHERE expected_at BETWEEN ? AND ? AND (? IS NULL OR project = ?) AND (? IS NULL OR severity = ?)
ORDER BY expected_at, metric, project, subject, labels, rule, severity, method LIMIT ? OFFSET ?
"""
_CHANGES = f"""
SELECT c.*, coalesce(e.causes, []) AS causes
FROM marts.metric_changes c LEFT JOIN (
    SELECT metric, project, subject, labels, changed_at,
           list({{'dimension': dimension, 'part': part, 'share': share, 'evidence': evidence}} ORDER BY dimension, rank)
               AS causes
    FROM marts.metric_change_causes WHERE metric = ? AND rank <= 3 GROUP BY ALL
) e USING (metric, project, subject, labels, changed_at)
WHERE metric = ? AND changed_at >= ? AND {_WANTED}
ORDER BY changed_at DESC, project, subject, labels LIMIT ?
"""
# every other mart by the instant that it is about
_TOLD = (
    ("trends", "metric_trends", "window_end"),
    ("anomalies", "metric_anomalies", "observed_at"),
    ("forecasts", "metric_forecasts", "forecast_at"),
    ("crossings", "metric_crossings", "known_at"),
)


@router.get("/metrics/{metric}/series")
def series(
    service: Live, _viewer: Viewer, metric: str, project_id: Name | None = None, subject: Name | None = None,
    limit: Limit = 200, offset: Offset = 0,
) -> SeriesPage:  # fmt: skip
    """The series of a metric with their newest values."""
    found = service.reader.rows(_SERIES, [full(metric), *pairs(project_id, subject), limit + 1, offset])
    return SeriesPage(series=[Listed(**row) for row in found[:limit]], more=len(found) > limit)


@router.get("/metrics/{metric}/verdicts")
def verdicts(
    service: Live, _viewer: Viewer, metric: str, project_id: Name | None = None, subject: Name | None = None,
    days: Days = 90, limit: Limit = 200,
) -> Verdicts:  # fmt: skip
    """Steps with what moved with them, drifts, anomalies and outlook of a metric's series."""
    since = datetime.now(UTC) - timedelta(days=days)
    wanted = [full(metric), since, *pairs(project_id, subject), limit]
    told = {
        name: service.reader.rows(
            f"SELECT * FROM marts.{mart} WHERE metric = ? AND {at} >= ? AND {_WANTED} "
            f"ORDER BY {at} DESC, project, subject, labels LIMIT ?",
            wanted,
        )
        for name, mart, at in _TOLD
    }
    return Verdicts(changes=service.reader.rows(_CHANGES, [wanted[0], *wanted]), **told)


@router.get("/metrics/{metric}/plot", response_class=Response, responses=PICTURES)
def plot(
    service: Live, _viewer: Viewer, metric: str, project_id: Name, subject: Name | None = None,
    labels: Annotated[str | None, Query(max_length=4_000, description="Canonical JSON, as a series says it.")] = None,
    form: Annotated[Literal["svg", "png"], Query(alias="format")] = "svg",
) -> Response:  # fmt: skip
    """A picture of one series: its levels, steps, outlook and the threshold that is reached first."""
    from quality_platform.alerting.drawn import thresholds
    from quality_platform.notifications.plots import pictures
    from quality_platform.reports.series_plots import plots_of

    found = plots_of(
        service.reader, full(metric), project=project_id, subject=subject, labels=labels,
        thresholds=thresholds(service.plans.current), most=1,
    )  # fmt: skip
    drawn = next(found, None)
    if drawn is None:
        raise NotFoundError("There is no such series of two points or more.", hint="`/series` lists what there is.")
    if form == "png":
        return Response(pictures.png(drawn), media_type="image/png")
    return Response(pictures.svg(drawn, outlines=True), media_type="image/svg+xml")


@router.get("/crossings")
def crossings(
    service: Live, _viewer: Viewer, project_id: Name | None = None,
    severity: Annotated[Literal["warning", "critical"] | None, Query()] = None,
    days: Annotated[int, Query(ge=1, le=4_000, description="How far ahead.")] = 90,
    limit: Limit = 100, offset: Offset = 0,
) -> Crossings:  # fmt: skip
    """The thresholds that are expected to be crossed."""
    now = datetime.now(UTC)
    wanted = [now, now + timedelta(days=days), *pairs(project_id, severity)]
    found = service.reader.rows(_CROSSINGS, [*wanted, limit + 1, offset])
    return Crossings(crossings=found[:limit], more=len(found) > limit)


@router.get("/stories")
def stories(
    service: Live, _viewer: Viewer, project_id: Name | None = None, days: Days = 90, limit: Limit = 100,
    offset: Offset = 0,
) -> Stories:  # fmt: skip
    """What moved together."""
    since = datetime.now(UTC) - timedelta(days=days)
    found = service.reader.rows(_STORIES, [since, project_id, project_id, limit + 1, offset])
    return Stories(stories=found[:limit], more=len(found) > limit)


def pairs(*names: str | None) -> list[str | None]:
    """Each name twice, for conditions that hold for all where it is null."""
    return [name for name in names for _ in range(2)]


def full(metric: str) -> str:
    """The catalogue's name of `metric`, which may be another that people use for it."""
    from quality_platform.model.metrics import CATALOGUE

    entry = CATALOGUE.find(metric)
    return entry.name if entry else metric
