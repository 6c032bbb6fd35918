"""One look at an alert whose deadline has come: whatever is due is done, in the order in which it matters.

Belongs here: what a deadline does to an episode. Does not belong here: finding the alerts (`deadlines.py`).
"""

from __future__ import annotations

from quality_platform.alerting.episodes import deeds, flapping, lifecycle
from quality_platform.alerting.episodes.changes import Changes
from quality_platform.alerting.notices.telling import Teller
from quality_platform.alerting.routing import escalation
from quality_platform.state.models import AlertRow, RuleStateRow


def look(changes: Changes, teller: Teller, alert: AlertRow) -> None:
    """Do what is due for `alert`."""
    if alert.status == "resolved":
        _end_hold(changes, alert)
        return
    if alert.ends_at is not None and alert.ends_at <= changes.now:
        lifecycle.close(changes, alert, None, reason="ended")
        return
    _end_acknowledgement(changes, alert)
    if alert.snoozed_until is not None and alert.snoozed_until <= changes.now:
        alert.snoozed_until = None
        changes.happens(alert, "unsnoozed", note="The time was up.")
    if alert.flapping and not _settle(changes, alert):
        teller.held(alert)
        return
    teller.release(alert)
    _escalate(changes, teller, alert)
    teller.repeat(alert)


def _end_hold(changes: Changes, alert: AlertRow) -> None:
    """It was resolved by hand and kept closed; if the rule still says that it fires, it is open again."""
    if alert.held_until is None or alert.held_until > changes.now:
        alert.due_at = alert.held_until
        return
    alert.held_until = alert.due_at = None
    state = changes.session.get(RuleStateRow, alert.fingerprint)
    if state is not None and state.level != "ok" and alert.rule in changes.plan.rules:
        alert.status, alert.reason, alert.resolved_at, alert.manual = "active", None, None, False
        alert.reopened += 1
        lifecycle.start_escalation(changes, alert)
        changes.happens(alert, "reopened", note="It was resolved by hand, and still fires.")


def _end_acknowledgement(changes: Changes, alert: AlertRow) -> None:
    if alert.acknowledged_until is not None and alert.acknowledged_until <= changes.now:
        deeds.end_acknowledgement(changes, alert, "The acknowledgement ended.")


def _settle(changes: Changes, alert: AlertRow) -> bool:
    """End flapping where it has held still; False while it goes on, or when the alert is over with it."""
    rule = changes.plan.rules.get(alert.rule)
    if not flapping.has_settled(changes.session, alert.fingerprint, changes.now, flapping.damping_of(rule)):
        return False
    cycles = flapping.settle(changes.session, alert.fingerprint)
    alert.flapping = False
    if alert.condition == "recovering":
        lifecycle.close(changes, alert, None, reason="recovered", note=f"It came and went {cycles} times.")
        return False
    changes.happens(alert, "settled", note=f"It came and went {cycles} times, and fires.")
    return True


def _escalate(changes: Changes, teller: Teller, alert: AlertRow) -> None:
    """Overdue steps, each once; not while it is acknowledged or held back."""
    policy = changes.plan.escalations.get(alert.escalation) if alert.escalation else None
    started = alert.escalation_at
    if policy is None or started is None or started > changes.now or alert.status != "active":
        return
    if teller.held(alert):
        return
    due = escalation.due_steps(policy, lifecycle.escalates_since(alert), alert.escalation_step, changes.now)
    alert.escalation_step += len(due)
    alert.escalation_at = escalation.next_at(policy, lifecycle.escalates_since(alert), alert.escalation_step)
    channels = tuple(dict.fromkeys(channel for step in due for channel in step.channels))
    if channels:
        changes.happens(alert, "escalated", note=", ".join(channels), channels=channels)
