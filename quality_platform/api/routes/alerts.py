"""Alerts: lists of them, one of them, new ones that others found, changes to what people say of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, Field

from quality_platform.alerting import listing
from quality_platform.api import alert_pages, versions
from quality_platform.api.alert_words import Alert, AlertPage, Changed, Filters, NewAlert
from quality_platform.api.asking import FAILURES, PREFIX, Editor, Live, Viewer, actor
from quality_platform.errors import NotFoundError, UsageError
from quality_platform.model.metrics import CATALOGUE
from quality_platform.state import alert_lists, alerts
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow

router = APIRouter(prefix=PREFIX, tags=["alerts"], responses=FAILURES)


class Counts(BaseModel):
    """How many alerts are open."""

    open: int
    by_status: dict[str, int]
    by_severity: dict[str, int] = Field(description="critical, warning and info.")


@router.get("/alerts", response_model=AlertPage)
def listed(service: Live, _viewer: Viewer, filters: Annotated[Filters, Query()]) -> Any:
    """Alerts, by default the open ones, the newest first."""
    return alert_pages.answer(service.state, service.plans.current, filters)


@router.post("/alerts", status_code=201, responses={201: {"model": Alert}})
def push(service: Live, editor: Editor, new: NewAlert, response: Response) -> Alert:
    """An alert that you found yourself. Sent again, it goes on; with `ends_at` in the past, it is over."""
    from quality_platform.alerting.episodes import external

    rows = external.push(service.state, service.plans.look(), [_pushed(new)], datetime.now(UTC), actor(editor))
    if not rows:
        raise UsageError("ends_at: it has passed, and there is no such alert to end.")
    service.happened()
    response.headers["Location"] = f"{PREFIX}/alerts/{rows[0].id}"
    return shown(response, rows[0])


@router.get("/alerts/counts")
def counts(service: Live, _viewer: Viewer) -> Counts:
    """How many alerts are open, by status and by severity."""
    with service.state.read() as session:
        found = alert_lists.counts(session)
    statuses = {status: sum(n for (one, _), n in found.items() if one == status) for status in listing.OPEN}
    severities = {each: sum(n for (_, one), n in found.items() if one == each) for each in alert_lists.SEVERITIES}
    return Counts(open=sum(found.values()), by_status=statuses, by_severity=severities)


@router.get("/alerts/{alert_id}")
def one(service: Live, _viewer: Viewer, alert_id: str, response: Response) -> Alert:
    """One alert; `ETag` is its version."""
    return shown(response, row_of(service.state, alert_id))


@router.put("/alerts/{alert_id}")
def change(
    service: Live, editor: Editor, alert_id: str, body: Annotated[Changed, Body()], version: versions.Version,
    response: Response,
) -> Alert:  # fmt: skip
    """Change what people say of an alert: status, assignee, snooze, mark. What is left out stays as it is.

    All of it, or nothing where a part of it cannot be.
    """
    plan, now = service.plans.look(), datetime.now(UTC)
    steps = _steps(body)
    if not steps:
        raise UsageError("The body changes nothing.", hint="Give status, assignee, snoozed_until, actionable or note.")
    from quality_platform.alerting.episodes.actions import act

    row = act(service.state, plan, alert_id, actor(editor), now, steps, version=version)
    service.happened()
    return shown(response, row)


def row_of(state: State, alert_id: str) -> AlertRow:
    """The alert. Raises NotFoundError."""
    with state.read() as session:
        row = alerts.get(session, alert_id)
    if row is None:
        raise NotFoundError(f"There is no alert {alert_id}.")
    return row


def shown(response: Response, row: AlertRow) -> Alert:
    """`row` as it is answered, with its version in the header."""
    versions.tag(response, row.version)
    return Alert.model_construct(**listing.shown(row))


def _pushed(new: NewAlert) -> Any:
    from quality_platform.alerting.episodes.external import PushedAlert

    metric = CATALOGUE.find(new.metric_name)
    rule = new.rule or (f"{new.alert_type}:{new.metric_name}" if new.metric_name else new.alert_type)
    return PushedAlert(
        project=new.project_id, severity=new.severity, message=new.message, alert_type=new.alert_type, rule=rule,
        metric=metric.name if metric else new.metric_name, subject=new.subject, value=new.current_value,
        threshold=new.threshold_value, labels=new.labels, annotations=new.annotations, starts_at=new.starts_at,
        ends_at=new.ends_at, generator_url=new.generator_url, origin="api",
    )  # fmt: skip


def _steps(body: Changed) -> list[tuple[str, dict[str, Any]]]:
    """The actions that lead there, the one that ends it last."""
    given, note = body.model_fields_set, body.note
    steps: list[tuple[str, dict[str, Any]]] = []
    if "assignee" in given:
        steps.append(("assign", {"assignee": body.assignee}))
    if "actionable" in given:
        steps.append(("mark", {"actionable": body.actionable}))
    if "snoozed_until" in given:
        steps.append(("snooze", {"until": body.snoozed_until}))
    verbs = {"active": "unacknowledge", "acknowledged": "acknowledge", "resolved": "resolve"}
    takes_note = body.status in ("acknowledged", "resolved")
    if note is not None and not takes_note:
        steps.append(("comment", {"text": note}))
    if body.status is not None:
        steps.append((verbs[body.status], {"note": note} if takes_note else {}))
    return steps
