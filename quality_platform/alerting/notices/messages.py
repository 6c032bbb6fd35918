"""The words of an alert: its sentence, and the message and data that go to a channel.

Belongs here: what is said. Does not belong here: how it looks (`notifications/`) or whom it goes to (`routing.py`).
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, replace

from quality_platform.alerting.conditions.history import Points
from quality_platform.model.alerts import EventKind, Evidence, Series
from quality_platform.model.labels import NONE
from quality_platform.model.message import Message, Paragraph, Plot
from quality_platform.model.metric import Metric
from quality_platform.notifications.alert_message import alert_message
from quality_platform.state.models import AlertRow


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened to an alert, with what shows it."""

    alert: AlertRow
    metric: Metric
    kind: EventKind
    evidence: Evidence
    previous: str | None
    points: Points
    commit: str

    @property
    def resolved(self) -> bool:
        """Whether the alert is over."""
        return self.kind == "resolved"


def sentence(metric: Metric, series: Series, evidence: Evidence) -> str:
    """The alert in one sentence: `Test coverage of flask: 45% is below 50%.`"""
    return f"{metric.title} of {_where(series)}: {evidence.detail or f'the value is {evidence.value:g}.'}"


def message(told: Told) -> Message:
    """What people read."""
    alert = told.alert
    shown = alert_message(
        title=alert.message.rstrip("."),
        rule=alert.rule,
        severity=alert.severity,  # type: ignore[arg-type]  # the column holds nothing else
        project=alert.project,
        subject=alert.subject,
        metric=told.metric.title,
        unit=told.metric.unit,
        value=told.evidence.value,
        threshold=told.evidence.threshold,
        observed_at=told.evidence.observed_at,
        evidence=_evidence(told),
        plot=_plot(told),
        resolved=told.resolved,
    )
    return replace(shown, blocks=(*shown.blocks, Paragraph(f"Where it comes from: {_lineage(alert)}")))


def data(told: Told) -> dict[str, object]:
    """What programs read. Names as in the alerts of the HTTP interface; values are JSON's."""
    alert, evidence = told.alert, told.evidence
    return {
        "id": alert.id,
        "fingerprint": alert.fingerprint,
        "status": alert.status,
        "event": told.kind,
        "project_id": alert.project,
        "alert_type": alert.type,
        "severity": alert.severity,
        "previous_severity": told.previous,
        "rule": alert.rule,
        "metric_name": alert.metric,
        "subject": alert.subject,
        "labels": json.loads(alert.labels),
        "unit": told.metric.unit,
        "current_value": evidence.value,
        "threshold_value": evidence.threshold,
        "message": alert.message,
        "evidence": evidence.detail,
        "commit": told.commit or None,
        "batch_id": evidence.batch_id,
        "observed_at": evidence.observed_at.isoformat(),
        "opened_at": alert.opened_at.isoformat(),
        "resolved_at": alert.resolved_at.isoformat() if alert.resolved_at else None,
        "reason": alert.reason,
        "lineage": _lineage(alert),
    }


def _where(series: Series) -> str:
    place = series.subject if series.subject == series.project else f"{series.subject} in {series.project}"
    if series.labels == NONE:
        return place
    return f"{place} ({', '.join(f'{name}={value}' for name, value in json.loads(series.labels).items())})"


def _evidence(told: Told) -> str:
    """What decided, where the title does not say it already."""
    change = f"It was {told.previous}, it is {told.alert.severity} now." if told.kind == "severity_changed" else ""
    detail = told.evidence.detail
    return " ".join(text for text in (change, "" if detail in told.alert.message else detail, told.commit) if text)


def _plot(told: Told) -> Plot | None:
    if len(told.points.times) < 2:
        return None
    return Plot(
        title=told.metric.title,
        unit=told.metric.unit,
        times=told.points.times,
        values=told.points.values,
        threshold=told.evidence.threshold,
        marks=((told.evidence.observed_at, "resolved" if told.resolved else told.alert.severity),),
        tone="good" if told.resolved else told.alert.severity,  # type: ignore[arg-type]
    )


def _lineage(alert: AlertRow) -> str:
    return f"quality-platform lineage {shlex.quote(alert.metric)} --subject {shlex.quote(alert.subject)}"
