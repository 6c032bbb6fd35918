"""The words of an alert: its sentence, and the message and data that go to a channel.

Belongs here: what is said. Does not belong here: how it looks (`notifications/`) or whom it goes to (`routing.py`).
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from quality_platform.alerting.conditions.history import Points
from quality_platform.alerting.notices import labels
from quality_platform.model.alerts import Evidence, Series
from quality_platform.model.labels import NONE
from quality_platform.model.message import Link, Message, Paragraph, Plot
from quality_platform.model.metric import Metric
from quality_platform.notifications.alert_message import alert_message, group_message
from quality_platform.state.models import AlertRow


@dataclass(frozen=True, slots=True)
class Told:
    """One alert in a message, with what shows it. `news` is what the message says of it.

    `first`: whether the channel hears of it for the first time; of one that is over already, it is told both at once.
    `cycles` are the changes of an alert that flaps, `base_url` where people reach the live service.
    """

    alert: AlertRow
    metric: Metric
    news: str
    evidence: Evidence
    previous: str | None
    points: Points
    commit: str
    first: bool = True
    now: datetime | None = None
    note: str = ""
    cycles: int | None = None
    base_url: str | None = None

    @property
    def resolved(self) -> bool:
        """Whether the alert is over."""
        return self.news == "resolved"


def sentence(metric: Metric, series: Series, evidence: Evidence) -> str:
    """The alert in one sentence: `Test coverage of flask: 45% is below 50%.`"""
    return f"{metric.title} of {_where(series)}: {evidence.detail or f'the value is {evidence.value:g}.'}"


def news_of(told: Sequence[Told]) -> str:
    """What a message says: a repeat only where all of it is one."""
    found = dict.fromkeys(each.news for each in told)
    return next(iter(found)) if len(found) == 1 else "firing"


def message(told: Sequence[Told]) -> Message:
    """What people read: of one alert all that is known, of many one after the other."""
    if len(told) == 1:
        return _of_one(told[0])
    projects = sorted({each.alert.project for each in told})
    where = projects[0] if len(projects) == 1 else f"{len(projects)} projects"
    word = {"resolved": "resolved", "acknowledged": "acknowledged"}.get(news_of(told), "firing")
    return group_message([_of_one(each) for each in told], title=f"{len(told)} alerts {word} in {where}")


def _of_one(told: Told) -> Message:
    alert = told.alert
    annotations: dict[str, str] = json.loads(alert.annotations)
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
        news=told.news,  # type: ignore[arg-type]  # notices hold nothing else
        opened_at=alert.opened_at,
        resolved_at=alert.resolved_at,
        told_before=not told.first,
        now=told.now,
        actor=alert.acknowledged_by or "",
        note=told.note,
        until=alert.acknowledged_until if told.news == "acknowledged" else None,
        cycles=told.cycles,
        runbook=annotations.get("runbook_url"),
        links=() if told.base_url is None else (Link("The alert", _address(told)),),
    )
    said = [annotations[name] for name in ("summary", "description") if annotations.get(name)]
    hint = f"Where it comes from: {_lineage(alert)}" if alert.metric else ""
    return replace(shown, blocks=(*shown.blocks, *(Paragraph(text) for text in (*said, hint) if text)))


def data(
    told: Sequence[Told], key: str, group_labels: Mapping[str, str], first_message: str | None = None
) -> dict[str, object]:
    """What programs read. A message about one alert has its fields at the top too."""
    alerts = [_data(each) for each in told]
    news = news_of(told)
    about = {
        "alerts": alerts,
        "status": "resolved" if news == "resolved" else "firing",
        "event": news,
        "group": {"key": key, "labels": dict(group_labels), "count": len(told), "truncated": 0},
        **({"first_message_id": first_message} if first_message else {}),
    }
    return {**about, **(alerts[0] if len(alerts) == 1 else {})}


def _data(told: Told) -> dict[str, object]:
    """One alert. Names as in the alerts of the HTTP interface; values are JSON's."""
    alert, evidence = told.alert, told.evidence
    return {
        "id": alert.id,
        "fingerprint": alert.fingerprint,
        "status": alert.status,
        "event": _event(told),
        "news": told.news,
        "project_id": alert.project,
        "alert_type": alert.type,
        "severity": alert.severity,
        "previous_severity": told.previous,
        "rule": alert.rule,
        "metric_name": alert.metric,
        "subject": alert.subject,
        "labels": json.loads(alert.labels),
        "routing_labels": labels.read(alert),
        "annotations": json.loads(alert.annotations),
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
        "acknowledged_by": alert.acknowledged_by,
        "assignee": alert.assignee,
        "reopened": alert.reopened,
        "reason": alert.reason,
        "generator_url": alert.generator_url,
        "lineage": _lineage(alert),
        "url": _address(told) if told.base_url else None,
    }


def _address(told: Told) -> str:
    return f"{(told.base_url or '').rstrip('/')}/api/v1/quality-monitoring/alerts/{told.alert.id}"


def _event(told: Told) -> str:
    """What happened, in the words of the history."""
    if told.news not in {"firing", "repeat"}:
        return told.news
    if told.previous is not None:
        return "severity_changed"
    return "repeated" if told.news == "repeat" else "reopened" if told.alert.reopened else "fired"


def _where(series: Series) -> str:
    place = series.subject if series.subject == series.project else f"{series.subject} in {series.project}"
    if series.labels == NONE:
        return place
    return f"{place} ({', '.join(f'{name}={value}' for name, value in json.loads(series.labels).items())})"


def _evidence(told: Told) -> str:
    """What decided, where the title does not say it already."""
    change = f"It was {told.previous}, it is {told.alert.severity} now." if told.previous and not told.resolved else ""
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
