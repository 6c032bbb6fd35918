"""What people do with alerts: acknowledge, assign, comment, snooze, resolve, mark; one by one or many at once.

Every action is one transaction with its event, its audit entry and what is told of it. Doing a thing twice is no error;
doing what does not go with how the alert stands is one (ConflictError, which says how it stands).

Belongs here: the actions. Does not belong here: what rules do to alerts (`lifecycle.py`), who may act (`api/`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy.orm import Session

from quality_platform.alerting.episodes import lifecycle
from quality_platform.alerting.episodes.changes import Changes
from quality_platform.alerting.notices import labels, pacing
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing.tree import routes_for
from quality_platform.errors import ConflictError, NotFoundError, QualityPlatformError, UsageError, VersionError
from quality_platform.state import alerts, audit
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow

LONGEST_NOTE = 4_000


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `token NAME` or `cli USER`."""

    name: str


def acknowledge(
    state: State,
    plan: Plan,
    alert_id: str,
    actor: Actor,
    now: datetime,
    *,
    note: str | None = None,
    until: datetime | None = None,
    version: int | None = None,
) -> AlertRow:
    """Somebody takes care of it, perhaps only `until` then: repeats and escalations stop."""
    with _acting(state, plan, alert_id, actor, now, version) as (changes, alert):
        _require_open(alert)
        _require_future(until, now, "until")
        if alert.status == "acknowledged" and alert.acknowledged_until == until and note is None:
            return alert
        again = alert.status == "acknowledged"
        alert.status, alert.acknowledged_until = "acknowledged", until
        alert.acknowledged_at, alert.acknowledged_by = alert.acknowledged_at or now, actor.name
        changes.happens(alert, "commented" if again and note else "acknowledged", note=_note(note))
    return alert


def unacknowledge(
    state: State, plan: Plan, alert_id: str, actor: Actor, now: datetime, *, version: int | None = None
) -> AlertRow:
    """Nobody takes care of it after all: it is told again, and escalates from the start."""
    with _acting(state, plan, alert_id, actor, now, version) as (changes, alert):
        _require_open(alert)
        if alert.status == "acknowledged":
            end_acknowledgement(changes, alert)
    return alert


def assign(
    state: State,
    plan: Plan,
    alert_id: str,
    actor: Actor,
    now: datetime,
    *,
    assignee: str | None,
    version: int | None = None,
) -> AlertRow:
    """Name who takes care of it; None for nobody."""
    with _acting(state, plan, alert_id, actor, now, version) as (changes, alert):
        if alert.assignee != assignee:
            alert.assignee = assignee
            changes.happens(alert, "assigned", note=assignee)
    return alert


def comment(
    state: State, plan: Plan, alert_id: str, actor: Actor, now: datetime, *, text: str, version: int | None = None
) -> AlertRow:
    """Say something about it, also when it is over."""
    with _acting(state, plan, alert_id, actor, now, version) as (changes, alert):
        if not text.strip():
            raise UsageError("text: an empty comment says nothing.")
        changes.happens(alert, "commented", note=_note(text))
    return alert


def snooze(
    state: State,
    plan: Plan,
    alert_id: str,
    actor: Actor,
    now: datetime,
    *,
    until: datetime | None,
    note: str | None = None,
    version: int | None = None,
) -> AlertRow:
    """Say nothing of it `until` then; None to end that now."""
    with _acting(state, plan, alert_id, actor, now, version) as (changes, alert):
        _require_open(alert)
        _require_future(until, now, "until")
        if alert.snoozed_until != until:
            alert.snoozed_until = until
            changes.happens(alert, "unsnoozed" if until is None else "snoozed", note=_note(note))
    return alert


def resolve(
    state: State,
    plan: Plan,
    alert_id: str,
    actor: Actor,
    now: datetime,
    *,
    note: str | None = None,
    version: int | None = None,
) -> AlertRow:
    """It is over, says a person. Should the rule say otherwise, it stays closed for a repeat interval, then reopens."""
    with _acting(state, plan, alert_id, actor, now, version) as (changes, alert):
        if alert.status != "resolved":
            alert.manual = True
            if alert.origin == "rule":
                alert.held_until = now + _hold(plan, alert)
            lifecycle.close(changes, alert, None, reason="manual", note=_note(note))
    return alert


def mark(
    state: State,
    plan: Plan,
    alert_id: str,
    actor: Actor,
    now: datetime,
    *,
    actionable: bool | None,
    version: int | None = None,
) -> AlertRow:
    """Say whether it was worth telling: what the precision of a rule is counted from. None takes it back."""
    with _acting(state, plan, alert_id, actor, now, version) as (changes, alert):
        if alert.actionable != actionable:
            alert.actionable = actionable
            changes.happens(alert, "marked", note={True: "actionable", False: "noise", None: "unmarked"}[actionable])
    return alert


ACTIONS: Mapping[str, Callable[..., AlertRow]] = MappingProxyType(
    {
        "acknowledge": acknowledge, "unacknowledge": unacknowledge, "assign": assign, "comment": comment,
        "snooze": snooze, "resolve": resolve, "mark": mark,
    }
)  # fmt: skip


def bulk(
    state: State,
    plan: Plan,
    alert_ids: Collection[str],
    verb: str,
    actor: Actor,
    now: datetime,
    **words: object,
) -> dict[str, str]:
    """Do `verb` to each; what cannot be done leaves the others alone. By id: `done`, or the reason."""
    action = ACTIONS.get(verb)
    if action is None:
        raise UsageError(f"action: there is no {verb!r}.", hint=f"One of {', '.join(ACTIONS)}.")
    found = {}
    for alert_id in dict.fromkeys(alert_ids):
        try:
            action(state, plan, alert_id, actor, now, **words)
            found[alert_id] = "done"
        except QualityPlatformError as error:
            found[alert_id] = str(error)
    return found


def end_acknowledgement(changes: Changes, alert: AlertRow, note: str | None = None) -> None:
    """The alert is nobody's again: told anew, escalated from the start."""
    alert.status = "active"
    alert.acknowledged_at = alert.acknowledged_by = alert.acknowledged_until = None
    lifecycle.start_escalation(changes, alert)
    changes.happens(alert, "unacknowledged", note=note)


def found(session: Session, alert_id: str, version: int | None = None) -> AlertRow:
    """The alert. Raises NotFoundError, VersionError."""
    alert = alerts.get(session, alert_id)
    if alert is None:
        raise NotFoundError(f"There is no alert {alert_id}.", hint="`quality-platform alerts` lists them.")
    if version is not None and alert.version != version:
        raise VersionError(
            f"The alert was changed meanwhile: it is at version {alert.version}, not {version}.",
            current=str(alert.version), hint="Read it again.",
        )  # fmt: skip
    return alert


@contextmanager
def _acting(
    state: State, plan: Plan, alert_id: str, actor: Actor, now: datetime, version: int | None
) -> Iterator[tuple[Changes, AlertRow]]:
    """One action: its transaction, and its entry in the audit where something happened."""
    with state.write(serial="alerts") as session:
        alert = found(session, alert_id, version)
        changes = Changes(session, plan, now, actor=actor.name)
        yield changes, alert
        changes.store()
        for event in changes.events:
            details = {"event": event.kind, "note": event.note, "project": alert.project, "rule": alert.rule}
            audit.record(
                session, now, actor=actor.name, action=f"alert.{event.kind}", subject=alert_id, details=details
            )


def _require_open(alert: AlertRow) -> None:
    if alert.status == "resolved":
        raise ConflictError(f"The alert {alert.id} is over already.", current=alert.status)


def _require_future(instant: datetime | None, now: datetime, field: str) -> None:
    if instant is not None and instant <= now:
        raise UsageError(f"{field}: {instant.isoformat()} has passed.", hint="Give a time that is still to come.")


def _note(note: str | None) -> str | None:
    return note[:LONGEST_NOTE] if note else None


def _hold(plan: Plan, alert: AlertRow) -> timedelta:
    rule = plan.rules.get(alert.rule)
    intervals = [
        pacing.repeat_interval(route, rule, alert.severity) for route in routes_for(plan.routes, labels.read(alert))
    ]
    return max([each for each in intervals if each] or [lifecycle.MANUAL_HOLD])
