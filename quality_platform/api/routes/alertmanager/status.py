"""`/api/v2/status` and `/api/v2/receivers`: that it is there, and where alerts go, in Alertmanager's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter

from quality_platform import __version__
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing.route import Route
from quality_platform.api.asking import Live
from quality_platform.api.routes.alertmanager.access import Viewer
from quality_platform.api.routes.alertmanager.forms import Receivers, Shown, receivers, written
from quality_platform.model import durations

router = APIRouter(prefix="/api/v2", tags=["alertmanager"])


@router.get("/receivers")
def listed(service: Live, _viewer: Viewer) -> Receivers:
    """The channels in use."""
    return receivers(sorted(service.plans.look().reachable))


@router.get("/status")
def status(service: Live, _viewer: Viewer) -> Shown:
    """How it is, and the routes in force as an Alertmanager configuration."""
    return {
        "cluster": {"status": "disabled", "peers": []},
        "config": {"original": configuration(service.plans.look())},
        "uptime": written(datetime.fromtimestamp(service.started_at, UTC)),
        "versionInfo": {
            "branch": "", "buildDate": "", "buildUser": "", "goVersion": "", "revision": "",
            "version": f"quality_platform {__version__}",
        },
    }  # fmt: skip


def configuration(plan: Plan) -> str:
    """The routes, windows and inhibitions of `plan` as Alertmanager's YAML: amtool shows it and walks its routes."""
    import yaml

    root = {**_settings(plan.routes), "receiver": next(iter(plan.routes.channels), plan.fallback.name)}
    below = [node for child in plan.routes.routes for node in _nodes(child)]
    found: dict[str, Any] = {
        "route": {**root, "routes": below} if below else root,
        "inhibit_rules": [
            {"source_matchers": list(each.source_matchers), "target_matchers": list(each.target_matchers),
             "equal": list(each.equal)}
            for each in plan.inhibitions
        ],
        "receivers": receivers(sorted({*plan.reachable, *_named(plan.routes)})),
        "mute_time_intervals": [{"name": name, "time_intervals": []} for name in plan.mute_windows],
    }  # fmt: skip
    return str(yaml.safe_dump({name: value for name, value in found.items() if value}, sort_keys=False))


def _nodes(route: Route) -> Iterator[dict[str, Any]]:
    """A route as Alertmanager has it: one receiver each, so several channels are siblings that continue."""
    names = route.channels or ("",)
    for position, name in enumerate(names):
        last = position == len(names) - 1
        node = {
            **({"receiver": name} if name else {}), **_settings(route),
            "matchers": [str(each) for each in route.matchers], "continue": route.continues or not last,
            "mute_time_intervals": list(route.mute_windows), "active_time_intervals": list(route.active_windows),
            "routes": [node for child in route.routes for node in _nodes(child)] if last else [],
        }  # fmt: skip
        yield {key: value for key, value in node.items() if value}


def _settings(route: Route) -> dict[str, Any]:
    times = {name: getattr(route, name) for name in ("group_wait", "group_interval", "repeat_interval")}
    # an interval of zero means never here, and nothing Alertmanager could read
    written_times = {name: durations.written(length) for name, length in times.items() if length}
    return {"group_by": ["..."] if route.group_by is None else list(route.group_by), **written_times}


def _named(route: Route) -> Iterable[str]:
    yield from route.channels
    for child in route.routes:
        yield from _named(child)
