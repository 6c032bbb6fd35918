"""From transitions to episodes: opening, reopening, changing and closing alerts, inside the caller's transaction.

Belongs here: what a transition does to an episode. Does not belong here: deciding that a level changed
(`rules/`), what people do (`actions.py`), the rows that follow (`changes.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from quality_platform.alerting.conditions.judgement import Judgement
from quality_platform.alerting.episodes import flapping
from quality_platform.alerting.episodes.changes import Changes, number, series_of
from quality_platform.alerting.notices import labels, pacing
from quality_platform.alerting.notices.messages import sentence
from quality_platform.alerting.routing import escalation
from quality_platform.model.alerts import SEVERITY_ORDER, Evidence, Series, Transition
from quality_platform.model.rules import RuleBase
from quality_platform.state import alerts, rule_states
from quality_platform.state.identity import new_id
from quality_platform.state.models import AlertRow
from quality_platform.state.rule_states import Advance

REOPEN_WINDOW = timedelta(minutes=5)
"""What fires again so soon after it was over is the same episode."""

MANUAL_HOLD = timedelta(hours=4)


def record(changes: Changes, judgements: Sequence[Judgement]) -> int:
    """Write what `judgements` found; returns how many of them another process had overtaken."""
    advances = [Advance(each.rule, each.series, each.before, each.after) for each in judgements]
    valid = rule_states.advance(changes.session, advances)
    moving = {each.fingerprint: each for each in judgements if each.transitions and each.fingerprint in valid}
    if moving:
        Episodes(changes).follow(moving)
        changes.store()
    return len(judgements) - len(valid)


@dataclass
class Episodes:
    """The episodes that one transaction is about."""

    changes: Changes
    open: dict[str, AlertRow] = field(default_factory=dict)
    last: dict[str, AlertRow] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.flaps = flapping.Counts(self.changes.session, self.changes.now)

    def follow(self, moving: dict[str, Judgement]) -> None:
        """Take every judgement's transitions, in order, to the episodes."""
        session = self.changes.session
        self.open = alerts.open_by_fingerprint(session, moving.keys())
        self.last = alerts.last_resolved(session, moving.keys() - self.open.keys())
        self.flaps.know(moving.keys())
        with session.no_autoflush:  # nothing is asked that would need what is not written yet
            for key, judged in moving.items():
                for transition in judged.transitions:
                    self._step(key, judged, transition)

    def _step(self, key: str, judged: Judgement, transition: Transition) -> None:
        alert = self.open.get(key)
        if transition.to == "ok":
            self._recovers(key, alert, judged, transition)
        elif alert is None:
            self._starts(key, judged, transition)
        else:
            self._goes_on(alert, judged, transition)

    def _recovers(self, key: str, alert: AlertRow | None, judged: Judgement, transition: Transition) -> None:
        if alert is None:
            closed = self.last.get(key)
            if closed is not None and closed.held_until is not None:
                closed.held_until = closed.due_at = None  # it was resolved by hand, and now it is
            return
        take(alert, self.changes, transition, condition="recovering")
        if self._damped(alert, judged, transition):
            return
        close(self.changes, alert, transition.evidence, reason=transition.reason or "recovered")
        self.last[key] = self.open.pop(key)

    def _starts(self, key: str, judged: Judgement, transition: Transition) -> None:
        closed, now = self.last.get(key), self.changes.now
        if closed is not None and closed.held_until is not None and closed.held_until > now:
            return
        again = closed is not None and closed.resolved_at is not None and now - closed.resolved_at <= REOPEN_WINDOW
        if closed is not None and again and not closed.manual:
            self.open[key] = closed
            reopen(self.changes, closed, transition, damped=self._damped(closed, judged, transition))
        else:
            self.open[key] = self._open(judged, transition)

    def _goes_on(self, alert: AlertRow, judged: Judgement, transition: Transition) -> None:
        came_back = alert.condition == "recovering"
        previous = alert.severity
        higher = rises(previous, transition.to)
        take(alert, self.changes, transition, condition="nodata" if transition.reason == "no_data" else "firing")
        if came_back and self._damped(alert, judged, transition) and not higher:
            return
        if previous != transition.to:
            change_severity(self.changes, alert, transition.evidence, previous, rises=higher)

    def _open(self, judged: Judgement, transition: Transition) -> AlertRow:
        series, rule = judged.series, self.changes.plan.rules.get(judged.rule)
        alert = new_alert(
            self.changes, series, fingerprint=judged.fingerprint, rule=judged.rule, alert_type=judged.type,
            severity=transition.to, evidence=transition.evidence, extra=dict(getattr(rule, "labels", None) or {}),
        )  # fmt: skip
        alert.annotations = labels.written(_annotations(rule, alert, transition.evidence))
        alert.breached_at = transition.breached_at or transition.evidence.observed_at
        alert.condition = "nodata" if transition.reason == "no_data" else "firing"
        self._damped(alert, judged, transition)
        start_escalation(self.changes, alert)
        self.changes.happens(alert, "fired", transition.evidence)
        return alert

    def _damped(self, alert: AlertRow, judged: Judgement, _transition: Transition) -> bool:
        """Count a coming or going; whether the alert flaps, and is not told about for that reason."""
        rule = self.changes.plan.rules.get(judged.rule)
        begins = self.flaps.count(alert.fingerprint, flapping.damping_of(rule))
        if begins:
            alert.flapping = True
            self.changes.happens(alert, "flapping")
        return alert.flapping


def _annotations(rule: RuleBase | None, alert: AlertRow, evidence: Evidence) -> dict[str, str]:
    """The rule's texts with this alert's values in them."""
    written = dict(getattr(rule, "annotations", None) or {})
    if not written:
        return {}
    from quality_platform.notifications.annotations import expanded  # it may need a templating library

    values = {
        "value": evidence.value, "threshold": evidence.threshold, "labels": labels.read(alert), "rule": alert.rule,
        "project": alert.project, "subject": alert.subject, "metric": alert.metric, "severity": alert.severity,
    }  # fmt: skip
    return {name: expanded(text, values) for name, text in written.items()}


def new_alert(
    changes: Changes,
    series: Series,
    *,
    fingerprint: str,
    rule: str,
    alert_type: str,
    severity: str,
    evidence: Evidence,
    extra: dict[str, str],
) -> AlertRow:
    """A new episode, not told yet."""
    now = changes.now
    alert = AlertRow(
        id=new_id(now), fingerprint=fingerprint, rule=rule, type=alert_type, metric=series.metric,
        project=series.project, subject=series.subject, labels=series.labels, severity=severity, status="active",
        value=number(evidence.value), threshold=evidence.threshold, observed_at=evidence.observed_at, opened_at=now,
        updated_at=now, message=sentence(changes.plan.metric(series.metric), series, evidence), version=0,
        origin="rule", condition="firing", flapping=False, reopened=0, manual=False, escalation_step=0,
        annotations="{}", silenced_by="[]", inhibited_by="[]", muted_by="[]",
        routing_labels=labels.written(
            labels.labels_of(series, rule=rule, alert_type=alert_type, severity=severity, extra=extra)
        ),
    )  # fmt: skip
    changes.opened.append(alert)
    return alert


def take(alert: AlertRow, changes: Changes, transition: Transition, *, condition: str) -> None:
    """Note on the alert what the newest transition saw."""
    evidence = transition.evidence
    alert.condition = condition
    alert.value, alert.observed_at = number(evidence.value), evidence.observed_at
    alert.threshold = evidence.threshold
    if transition.to != "ok":
        alert.message = sentence(changes.plan.metric(alert.metric), series_of(alert), evidence)
        alert.severity = transition.to
        alert.routing_labels = labels.written({**labels.read(alert), "severity": transition.to})


def reopen(changes: Changes, alert: AlertRow, transition: Transition, *, damped: bool) -> None:
    """The same episode again: it was over for a moment only."""
    alert.status, alert.reason, alert.resolved_at = "active", None, None
    alert.reopened += 1
    alert.manual, alert.held_until = False, None
    take(alert, changes, transition, condition="firing")
    start_escalation(changes, alert)
    if not damped:
        changes.happens(alert, "reopened", transition.evidence)


def change_severity(changes: Changes, alert: AlertRow, evidence: Evidence, previous: str, *, rises: bool) -> None:
    """Another severity, which the alert has already. A rise voids the acknowledgement: it was given for less."""
    if rises:
        alert.status = "active"
        alert.acknowledged_at = alert.acknowledged_by = alert.acknowledged_until = None
        start_escalation(changes, alert)
    changes.happens(alert, "severity_changed", evidence, previous=previous, bypass=rises)


def close(
    changes: Changes, alert: AlertRow, evidence: Evidence | None, *, reason: str, note: str | None = None
) -> None:
    """End an episode."""
    alert.status, alert.reason = "resolved", reason
    alert.resolved_at, alert.snoozed_until, alert.escalation_at = changes.now, None, None
    alert.acknowledged_until = None  # or it would end the acknowledgement of an episode that is open again
    alert.flapping, alert.condition = False, "normal"
    changes.happens(alert, "resolved", evidence, note=note)


def escalates_since(alert: AlertRow) -> datetime:
    """From when the steps of its escalation are counted."""
    return alert.escalated_from or alert.opened_at


def rises(before: str, after: str) -> bool:
    """Whether a severity is higher than the one before."""
    return SEVERITY_ORDER[after] > SEVERITY_ORDER[before]


def start_escalation(changes: Changes, alert: AlertRow) -> None:
    """Set the clock of the alert's escalation policy, where it has one."""
    policy = pacing.escalation_of(changes.plan, alert)
    alert.escalation, alert.escalation_step = (policy.name, 0) if policy is not None else (None, 0)
    alert.escalated_from = changes.now
    alert.escalation_at = escalation.next_at(policy, changes.now, 0) if policy is not None else None
