"""What people do to an alert: acknowledge, assign, comment, snooze, resolve, mark. Each is a step within a transaction.

Doing a thing twice is no error; doing what does not go with how the alert stands is one (ConflictError, which says how
it stands). Belongs here: the steps. Does not belong here: transactions and audit (`actions.py`), what rules do to
alerts (`lifecycle.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from quality_platform.alerting.episodes import lifecycle
from quality_platform.alerting.episodes.changes import Changes
from quality_platform.alerting.notices import labels, pacing
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing.tree import routes_for
from quality_platform.errors import ConflictError, UsageError
from quality_platform.state.models import AlertRow

LONGEST_NOTE = 4_000


@dataclass(frozen=True, slots=True)
class Deed:
    """An alert in the hands of somebody, and what collects the changes."""

    alert: AlertRow
    changes: Changes
    plan: Plan
    now: datetime
    actor: str


def acknowledge(deed: Deed, *, note: str | None = None, until: datetime | None = None) -> None:
    """Somebody takes care of it, perhaps only `until` then: repeats and escalations stop."""
    alert = deed.alert
    _require_open(alert)
    _require_future(until, deed.now, "until")
    again = alert.status == "acknowledged"
    if again and alert.acknowledged_until == until and note is None:
        return
    alert.status, alert.acknowledged_until = "acknowledged", until
    alert.acknowledged_at, alert.acknowledged_by = alert.acknowledged_at or deed.now, deed.actor
    deed.changes.happens(alert, "commented" if again and note else "acknowledged", note=_note(note))


def unacknowledge(deed: Deed) -> None:
    """Nobody takes care of it after all: it is told again, and escalates from the start."""
    _require_open(deed.alert)
    if deed.alert.status == "acknowledged":
        end_acknowledgement(deed.changes, deed.alert)


def assign(deed: Deed, *, assignee: str | None) -> None:
    """Name who takes care of it; None for nobody."""
    if deed.alert.assignee != assignee:
        deed.alert.assignee = assignee
        deed.changes.happens(deed.alert, "assigned", note=assignee)


def comment(deed: Deed, *, text: str) -> None:
    """Say something about it, also when it is over."""
    if not text.strip():
        raise UsageError("text: an empty comment says nothing.")
    deed.changes.happens(deed.alert, "commented", note=_note(text))


def snooze(deed: Deed, *, until: datetime | None, note: str | None = None) -> None:
    """Say nothing of it `until` then; None to end that now."""
    _require_open(deed.alert)
    _require_future(until, deed.now, "until")
    if deed.alert.snoozed_until != until:
        deed.alert.snoozed_until = until
        deed.changes.happens(deed.alert, "unsnoozed" if until is None else "snoozed", note=_note(note))


def resolve(deed: Deed, *, note: str | None = None) -> None:
    """It is over, says a person. Should the rule say otherwise, it stays closed for a repeat interval, then reopens."""
    alert = deed.alert
    if alert.status != "resolved":
        alert.manual = True
        if alert.origin == "rule":
            alert.held_until = deed.now + _hold(deed.plan, alert)
        lifecycle.close(deed.changes, alert, None, reason="manual", note=_note(note))


def mark(deed: Deed, *, actionable: bool | None) -> None:
    """Say whether it was worth telling: what the precision of a rule is counted from. None takes it back."""
    if deed.alert.actionable != actionable:
        deed.alert.actionable = actionable
        word = {True: "actionable", False: "noise", None: "unmarked"}[actionable]
        deed.changes.happens(deed.alert, "marked", note=word)


DEEDS: Mapping[str, Callable[..., None]] = MappingProxyType(
    {
        "acknowledge": acknowledge, "unacknowledge": unacknowledge, "assign": assign, "comment": comment,
        "snooze": snooze, "resolve": resolve, "mark": mark,
    }
)  # fmt: skip


def end_acknowledgement(changes: Changes, alert: AlertRow, note: str | None = None) -> None:
    """The alert is nobody's again: told anew, escalated from the start."""
    alert.status = "active"
    alert.acknowledged_at = alert.acknowledged_by = alert.acknowledged_until = None
    lifecycle.start_escalation(changes, alert)
    changes.happens(alert, "unacknowledged", note=note)


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
