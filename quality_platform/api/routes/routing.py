"""Routes: who is told of what. The tree in force, a try of it with labels, and the tree that the API stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field

from quality_platform.alerting import stored
from quality_platform.alerting.in_force import ROUTING
from quality_platform.alerting.routing.route import Route, group_labels
from quality_platform.alerting.routing.tree import routes_for, unknown
from quality_platform.alerting.stored import Change
from quality_platform.api import versions
from quality_platform.api.alert_words import Labels
from quality_platform.api.asking import FAILURES, PREFIX, Editor, Live, Viewer, actor
from quality_platform.errors import UsageError
from quality_platform.model import durations
from quality_platform.model.routing import RoutingConfig
from quality_platform.state import stored as table

router = APIRouter(prefix=PREFIX, tags=["routes"], responses=FAILURES)


class RouteShown(BaseModel):
    """One node of the tree, with the settings it has or inherits; null where the usual ones hold."""

    path: str
    depth: int
    channels: list[str]
    matchers: list[str]
    continues: bool
    group_by: list[str] = Field(description='["..."] for all labels.')
    group_wait: str | None
    group_interval: str | None
    repeat_interval: str | None
    mute_windows: list[str]
    active_windows: list[str]
    escalation: str | None


class Routes(BaseModel):
    """The tree in force, depth first."""

    source: str = Field(description="quality.yaml, api, or channels where their own filters are all there is.")
    version: int
    fallback: str = Field(description="The channel that is told what no route wants.")
    unknown_channels: list[str] = Field(description="Channels that the tree names and that are not in use.")
    routes: list[RouteShown]


class Trial(BaseModel):
    """Labels of an alert that there may be one day."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"labels": {"severity": "critical", "project_id": "shop"}}}
    )

    labels: Labels


class Taken(BaseModel):
    """One route that such an alert takes."""

    path: str
    channels: list[str]
    group: dict[str, str] = Field(description="Labels that its messages are put together by.")


class Told(BaseModel):
    """Who would be told."""

    channels: list[str]
    routes: list[Taken]


@router.get("/routes")
def routes(service: Live, _viewer: Viewer, response: Response) -> Routes:
    """Who is told of what."""
    return _answered(service, response)


@router.put("/routes")
def replace(
    service: Live, editor: Editor, routing: Annotated[RoutingConfig, Body()], version: versions.Version,
    response: Response,
) -> Routes:  # fmt: skip
    """Store a tree, in Alertmanager's form. Where `quality.yaml` has one, that is it."""
    missing = unknown(routing, service.plans.look().reachable)
    if missing:
        raise UsageError(f"receiver: there is no channel {missing[0]!r} in use.", hint="Make it first.")
    change = Change(actor(editor).name, datetime.now(UTC), version)
    body = routing.model_dump_json(by_alias=True)
    stored.put(service.state, service.configuration.current, ROUTING, ROUTING, body, change)
    return _answered(service, response)


@router.delete("/routes", status_code=204)
def delete(service: Live, editor: Editor, version: versions.Version) -> None:
    """Forget the stored tree: then the channels' own filters say who is told."""
    change = Change(actor(editor).name, datetime.now(UTC), version)
    stored.remove(service.state, service.configuration.current, ROUTING, ROUTING, change)


@router.post("/routes/test")
def test(service: Live, _viewer: Viewer, trial: Trial) -> Told:
    """Which channels an alert with these labels would be told to."""
    labels = trial.labels
    found = routes_for(service.plans.look().routes, labels)
    taken = [
        Taken(path=each.path, channels=list(each.channels), group=group_labels(each, labels)) for each in found
    ]  # fmt: skip
    return Told(channels=list(dict.fromkeys(name for each in taken for name in each.channels)), routes=taken)


def _answered(service: Live, response: Response) -> Routes:
    plan, config = service.plans.look(), service.configuration.current
    with service.state.read() as session:
        row = table.find(session, ROUTING, ROUTING)
    from_file = config.routing is not None
    version = 0 if row is None or from_file else row.version
    versions.tag(response, version)
    return Routes(
        source="quality.yaml" if from_file else "channels" if row is None else "api", version=version,
        fallback=plan.fallback.name, unknown_channels=list(unknown(config.routing, plan.reachable)),
        routes=list(_nodes(plan.routes, 0)),
    )  # fmt: skip


def _nodes(route: Route, depth: int) -> Iterator[RouteShown]:
    lengths = ("group_wait", "group_interval", "repeat_interval")
    times: dict[str, Any] = {name: _written(getattr(route, name)) for name in lengths}
    yield RouteShown(
        path=route.path, depth=depth, channels=list(route.channels), matchers=[str(each) for each in route.matchers],
        continues=route.continues, group_by=["..."] if route.group_by is None else list(route.group_by),
        mute_windows=list(route.mute_windows), active_windows=list(route.active_windows), escalation=route.escalation,
        **times,
    )  # fmt: skip
    for child in route.routes:
        yield from _nodes(child, depth + 1)


def _written(length: timedelta | None) -> str | None:
    return None if length is None else durations.written(length)
