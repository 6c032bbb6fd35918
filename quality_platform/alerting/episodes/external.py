"""Alerts that others found: sent to the HTTP interface, or pushed by Prometheus to Alertmanager's.

They have labels instead of a rule's series, last as long as they are sent again, and are told like any other.

Belongs here: what a pushed alert does to an episode. Does not belong here: the forms they come in (`api/routes/`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from quality_platform.alerting.episodes import lifecycle
from quality_platform.alerting.episodes.actions import Actor
from quality_platform.alerting.episodes.changes import Changes, number
from quality_platform.alerting.notices import labels
from quality_platform.alerting.plan import Plan
from quality_platform.model.alerts import Evidence, Series, Severity
from quality_platform.state import alerts, audit
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow


@dataclass(frozen=True, slots=True)
class PushedAlert:
    """One alert as its sender knows it. `labels` are its identity; from `ends_at` on it is over."""

    project: str
    severity: Severity
    message: str
    alert_type: str = "external"
    rule: str = "external"
    metric: str = ""
    subject: str = ""
    value: float | None = None
    threshold: float | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    generator_url: str | None = None
    origin: str = "api"

    @property
    def fingerprint(self) -> str:
        """Identity of the alert, in every process: 32 hexadecimal digits."""
        parts = [self.origin, self.project, self.rule, self.alert_type, self.metric, self.subject]
        text = json.dumps([*parts, sorted(self.labels.items())], ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def series(self) -> Series:
        """What it is about."""
        return Series(self.metric, self.project, self.subject or self.project, labels.written(self.labels))


def push(state: State, plan: Plan, pushed: Sequence[PushedAlert], now: datetime, actor: Actor) -> list[AlertRow]:
    """Open, go on with or end an episode for each; returns the episodes in the order of `pushed`.

    One that never was and is over already is not opened, and not returned.
    """
    with state.write(serial="alerts") as session:
        changes = Changes(session, plan, now, actor=actor.name)
        rows = take(changes, pushed)
        for event in changes.events:
            details = {"event": event.kind, "project": event.project, "rule": event.rule}
            audit.record(
                session, now, actor=actor.name, action=f"alert.{event.kind}", subject=event.alert_id, details=details
            )
    return rows


def take(changes: Changes, pushed: Sequence[PushedAlert]) -> list[AlertRow]:
    """The same inside the caller's transaction."""
    rows = note(changes, pushed)
    changes.store()
    refresh(changes, rows)
    return rows


def note(changes: Changes, pushed: Sequence[PushedAlert]) -> list[AlertRow]:
    """The same, to be stored by the caller with what else happens."""
    known = alerts.open_by_fingerprint(changes.session, {each.fingerprint for each in pushed})
    return [row for each in pushed if (row := _take(changes, known, each)) is not None]


def refresh(changes: Changes, rows: Sequence[AlertRow]) -> None:
    """An end that was put off changes when the alert must be looked at again."""
    for row in rows:
        if row.ends_at is not None and row.status != "resolved":
            row.due_at = min(row.due_at or row.ends_at, row.ends_at)


def _take(changes: Changes, known: dict[str, AlertRow], pushed: PushedAlert) -> AlertRow | None:
    alert = known.get(pushed.fingerprint)
    over = pushed.ends_at is not None and pushed.ends_at <= changes.now
    if alert is None:
        if over:
            return None
        known[pushed.fingerprint] = _open(changes, pushed)
        return known[pushed.fingerprint]
    alert.ends_at, alert.annotations = pushed.ends_at, labels.written(pushed.annotations)
    if over:
        lifecycle.close(changes, alert, _evidence(pushed, changes.now), reason="recovered")
        del known[pushed.fingerprint]
    elif alert.severity != pushed.severity:
        _change(changes, alert, pushed)
    return alert


def _open(changes: Changes, pushed: PushedAlert) -> AlertRow:
    evidence = _evidence(pushed, changes.now)
    alert = lifecycle.new_alert(
        changes, pushed.series, fingerprint=pushed.fingerprint, rule=pushed.rule, alert_type=pushed.alert_type,
        severity=pushed.severity, evidence=evidence, extra={},
    )  # fmt: skip
    alert.origin, alert.ends_at, alert.generator_url = pushed.origin, pushed.ends_at, pushed.generator_url
    alert.annotations, alert.message = labels.written(pushed.annotations), pushed.message
    alert.breached_at = pushed.starts_at or changes.now
    lifecycle.start_escalation(changes, alert)
    changes.happens(alert, "fired")
    return alert


def _change(changes: Changes, alert: AlertRow, pushed: PushedAlert) -> None:
    previous, rises = alert.severity, lifecycle.rises(alert.severity, pushed.severity)
    evidence = _evidence(pushed, changes.now)
    alert.severity, alert.message = pushed.severity, pushed.message
    alert.value, alert.threshold, alert.observed_at = number(evidence.value), evidence.threshold, evidence.observed_at
    alert.routing_labels = labels.written({**labels.read(alert), "severity": pushed.severity})
    lifecycle.change_severity(changes, alert, evidence, previous, rises=rises)


def _evidence(pushed: PushedAlert, now: datetime) -> Evidence:
    value = float("nan") if pushed.value is None else pushed.value
    return replace(Evidence(value, pushed.threshold, now), detail=pushed.message)
