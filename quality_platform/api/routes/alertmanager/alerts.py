"""`/api/v2/alerts` and `/api/v2/alerts/groups`: alerts pushed in, open ones read out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import orjson
from fastapi import APIRouter, Query, Response

from quality_platform.alerting.routing.route import group_key, group_labels
from quality_platform.api.asking import Live
from quality_platform.api.routes.alertmanager.access import Pushing, Sender, Viewer
from quality_platform.api.routes.alertmanager.forms import PostableAlert, Shown, receivers
from quality_platform.api.routes.alertmanager.gettable import RESOLVE_TIMEOUT, Choice, found
from quality_platform.errors import UsageError
from quality_platform.model.alerts import Severity

if TYPE_CHECKING:
    from quality_platform.alerting.episodes.external import PushedAlert

router = APIRouter(prefix="/api/v2", tags=["alertmanager"])
SEVERITIES: dict[str, Severity] = {
    **dict.fromkeys(("critical", "page", "fatal", "error", "emergency", "disaster", "high"), "critical"),
    **dict.fromkeys(("info", "none", "information", "informational", "low", "debug"), "info"),
}
"""What other systems call them; anything else is a warning."""
AT_ONCE = 500
"""Alerts of one transaction: it keeps all other writers out."""

ELSEWHERE = "alertmanager"
"""The project of an alert that names none, pushed with a token."""

Filter = Annotated[list[str], Query(max_length=50, description='Matchers, such as `severity="critical"`.')]
Flag = Annotated[bool, Query()]
Receiver = Annotated[str | None, Query(max_length=1_000, description="A regular expression, anchored.")]


@router.get("/alerts")
def listed(
    service: Live, _viewer: Viewer, filter: Filter = [], receiver: Receiver = None, active: Flag = True,  # noqa: A002, B006
    silenced: Flag = True, inhibited: Flag = True, unprocessed: Flag = True,
) -> list[Shown]:  # fmt: skip
    """Open alerts."""
    choice = Choice(filter, receiver, active=active, silenced=silenced, inhibited=inhibited)
    alerts = [each.shown for each in found(service.state, service.plans.look(), choice, datetime.now(UTC))]
    return _json(sorted(alerts, key=lambda alert: alert["fingerprint"]))


@router.post("/alerts")
def push(service: Live, sender: Pushing, alerts: list[PostableAlert]) -> Response:
    """Alerts that fire, or are over. Sent again, they go on."""
    from quality_platform.alerting.episodes import external
    from quality_platform.alerting.episodes.actions import Actor

    now = datetime.now(UTC)
    pushed, plan = [_pushed(alert, sender, now) for alert in alerts], service.plans.look()
    for start in range(0, len(pushed), AT_ONCE):
        external.push(service.state, plan, pushed[start : start + AT_ONCE], now, Actor(sender.name))
    service.happened()
    return Response()


@router.get("/alerts/groups")
def groups(
    service: Live, _viewer: Viewer, filter: Filter = [], receiver: Receiver = None, active: Flag = True,  # noqa: A002, B006
    silenced: Flag = True, inhibited: Flag = True,
) -> list[Shown]:  # fmt: skip
    """Open alerts, by the groups that messages put them into."""
    choice = Choice(filter, receiver, active=active, silenced=silenced, inhibited=inhibited)
    by_group: dict[tuple[str, str], Shown] = {}
    for each in found(service.state, service.plans.look(), choice, datetime.now(UTC)):
        for route in each.routes:
            for name in route.channels:
                empty = {
                    "alerts": [], "labels": group_labels(route, each.labels), "receiver": receivers([name])[0]
                }  # fmt: skip
                group = by_group.setdefault((name, group_key(route, each.labels)), empty)
                group["alerts"].append(each.shown)
    return _json([by_group[key] for key in sorted(by_group)])


def _json(content: list[Shown]) -> list[Shown]:
    # a hundred thousand alerts at once, which the framework would check one by one
    return Response(orjson.dumps(content), media_type="application/json")  # type: ignore[return-value]


def _pushed(alert: PostableAlert, sender: Sender, now: datetime) -> PushedAlert:
    from quality_platform.alerting.episodes.external import PushedAlert

    labels = {name: value for name, value in alert.labels.items() if value}
    if not labels:
        raise UsageError("at least one label pair required")
    starts_at = alert.startsAt or alert.endsAt or now
    if alert.endsAt is not None and alert.endsAt < starts_at:
        raise UsageError("start time must be before end time")
    annotations = {name: value for name, value in alert.annotations.items() if value}
    project = sender.project or labels.get("project_id") or labels.get("project") or ELSEWHERE
    words = [annotations.get(name) for name in ("summary", "message", "description", "title")]
    rule = labels.get("alertname") or "external"
    return PushedAlert(
        project=project[:200], severity=SEVERITIES.get(labels.get("severity", "").lower(), "warning"),
        message=next((word for word in words if word), rule)[:4_000], rule=rule, metric=labels.get("metric", ""),
        subject=labels.get("subject") or labels.get("instance") or labels.get("service") or project,
        labels=labels, annotations=annotations, starts_at=starts_at, ends_at=alert.endsAt or now + RESOLVE_TIMEOUT,
        generator_url=alert.generatorURL or None, origin="alertmanager",
    )  # fmt: skip
