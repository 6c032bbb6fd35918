"""What one transaction writes about alerts: episodes, their events, whom they are told to.

Belongs here: how a change becomes rows, in the order they depend on. Does not belong here: which change
(`lifecycle.py`, `actions.py`), or reading the lake: a transaction that waited for a query would hold up all others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.alerting.notices.background import NOTHING, Background
from quality_platform.alerting.notices.flushing import stored_evidence
from quality_platform.alerting.notices.happened import Happened
from quality_platform.alerting.notices.messages import sentence
from quality_platform.alerting.notices.telling import Teller
from quality_platform.alerting.plan import Plan
from quality_platform.model.alerts import EventKind, Evidence, Series
from quality_platform.state.identity import new_id
from quality_platform.state.models import AlertEventRow, AlertRow


@dataclass(slots=True)
class Changes:
    """Collects what happens until `store`, which tells it."""

    session: Session
    plan: Plan
    now: datetime
    background: Background = NOTHING
    actor: str | None = None
    events: list[AlertEventRow] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    opened: list[AlertRow] = field(default_factory=list)
    sent: int = 0

    def happens(
        self,
        alert: AlertRow,
        kind: EventKind,
        evidence: Evidence | None = None,
        *,
        previous: str | None = None,
        note: str | None = None,
        channels: tuple[str, ...] = (),
        bypass: bool = False,
    ) -> None:
        """Note that `kind` happened to `alert`, which stands as it is now, by `evidence` (default: what it has)."""
        shown = evidence or stored_evidence(alert)
        self.events.append(self._event(alert, kind, evidence, shown, note))
        self.happened.append(Happened(alert, kind, shown, previous, note, channels, bypass))
        alert.updated_at = self.now
        alert.version += 1

    def store(self, teller: Teller | None = None) -> None:
        """Hand everything to the session and tell it: alerts first, since the others refer to them."""
        if not self.happened and teller is None:
            return
        self.session.add_all(self.opened)
        self.session.flush()
        if self.events:  # their numbers are not asked for, which lets them be written in one go
            self.session.execute(sa.insert(AlertEventRow), [_values(event) for event in self.events])
        teller = teller or Teller(self.session, self.plan, self.now, self.background)
        teller.tell(self.happened)
        self.sent += teller.finish()
        self.opened.clear()

    def count(self, *kinds: EventKind) -> int:
        """How many events of these kinds there are."""
        return sum(event.kind in kinds for event in self.events)

    def _event(
        self, alert: AlertRow, kind: EventKind, given: Evidence | None, shown: Evidence, note: str | None
    ) -> AlertEventRow:
        told = alert.message if given is None else sentence(self.plan.metric(alert.metric), series_of(alert), shown)
        return AlertEventRow(
            event_id=new_id(self.now), alert_id=alert.id, event_time=self.now, kind=kind, rule=alert.rule,
            type=alert.type, severity=alert.severity, metric=alert.metric, project=alert.project,
            subject=alert.subject, labels=alert.labels, value=number(shown.value), threshold=shown.threshold,
            observed_at=shown.observed_at, batch_id=shown.batch_id, message=told, reason=alert.reason,
            breached_at=alert.breached_at if kind in {"fired", "reopened"} else None, actor=self.actor, note=note,
        )  # fmt: skip


def _values(event: AlertEventRow) -> dict[str, object]:
    return {column.key: getattr(event, column.key) for column in _EVENT_COLUMNS}


_EVENT_COLUMNS = [column for column in sa.inspect(AlertEventRow).columns if column.key != "sequence"]


def number(value: float) -> float | None:
    """`value` as it is stored: no number is none, on SQLite by itself, on PostgreSQL only so."""
    return None if value != value else value  # noqa: PLR0124


def series_of(alert: AlertRow) -> Series:
    """The series that an alert is about."""
    return Series(alert.metric, alert.project, alert.subject, alert.labels)
