"""What one transaction writes about alerts: episodes, their events, the messages, in the order they depend on.

Belongs here: how a change becomes rows. Does not belong here: which change (`lifecycle.py`), or reading the
lake: a transaction that waited for a query would hold up all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from quality_platform.alerting.conditions.history import Points
from quality_platform.alerting.notices import outbox
from quality_platform.alerting.notices.background import Background
from quality_platform.alerting.notices.messages import Told, sentence
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing import channels as routing
from quality_platform.model.alerts import EventKind, Evidence, Series
from quality_platform.state.identity import new_id
from quality_platform.state.models import AlertEventRow, AlertRow, OutboxRow


@dataclass(slots=True)
class Changes:
    """Collects rows until `store`. `told` holds, by alert, the channels that have been told it fires."""

    session: Session
    plan: Plan
    background: Background
    now: datetime
    alerts: list[AlertRow] = field(default_factory=list)
    events: list[AlertEventRow] = field(default_factory=list)
    messages: list[OutboxRow] = field(default_factory=list)
    told: dict[str, list[str]] = field(default_factory=dict)

    def announce(self, alert: AlertRow, kind: EventKind, evidence: Evidence, previous: str | None = None) -> None:
        """Note that `alert` fires, or fires otherwise than before, and tell whom it concerns."""
        routed = routing.firing(self.plan, alert_type=alert.type, severity=alert.severity, project=alert.project)
        channels = list(dict.fromkeys([*self.told.get(alert.id, []), *routed]))
        self._tell(alert, kind, evidence, previous, channels)
        self.told[alert.id] = channels

    def call_off(self, alert: AlertRow, evidence: Evidence) -> None:
        """Note that `alert` is over and tell everybody who was told that it fires."""
        self._tell(alert, "resolved", evidence, None, routing.resolved(self.plan, self.told.get(alert.id, [])))

    def _tell(
        self, alert: AlertRow, kind: EventKind, evidence: Evidence, previous: str | None, channels: Sequence[str]
    ) -> None:
        series, metric = series_of(alert), self.plan.metric(alert.metric)
        points, commit = self.background.points.get(series, Points()), self.background.commit(series, evidence)
        told = Told(alert, metric, kind, evidence, previous, points, commit)
        self.events.append(event_of(alert, kind, evidence, sentence(metric, series, evidence), self.now))
        self.messages.extend(outbox.alert_rows(told, channels, self.now))

    def store(self) -> None:
        """Hand everything to the session: alerts first, since the others refer to them."""
        for rows in (self.alerts, self.events, self.messages):
            self.session.add_all(rows)
            self.session.flush()

    def count(self, kind: EventKind) -> int:
        """How many events of a kind there are."""
        return sum(event.kind == kind for event in self.events)


def number(value: float) -> float | None:
    """`value` as it is stored: no number is none, on SQLite by itself, on PostgreSQL only so."""
    return None if value != value else value  # noqa: PLR0124


def series_of(alert: AlertRow) -> Series:
    """The series that an alert is about."""
    return Series(alert.metric, alert.project, alert.subject, alert.labels)


def event_of(alert: AlertRow, kind: EventKind, evidence: Evidence, message: str, now: datetime) -> AlertEventRow:
    """The event that `alert`, as it is now, came to by `evidence`."""
    return AlertEventRow(
        event_id=new_id(now), alert_id=alert.id, event_time=now, kind=kind, rule=alert.rule, type=alert.type,
        severity=alert.severity, metric=alert.metric, project=alert.project, subject=alert.subject,
        labels=alert.labels, value=number(evidence.value), threshold=evidence.threshold,
        observed_at=evidence.observed_at, batch_id=evidence.batch_id, message=message, reason=alert.reason,
    )  # fmt: skip
