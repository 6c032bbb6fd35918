"""The labels of an alert, which routes, silences and inhibitions match.

Belongs here: which labels there are. Does not belong here: matching them (`routing/`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from quality_platform.model.alerts import Series
from quality_platform.state.models import AlertRow

# what a series' or rule's own label of that name must not hide: routes rely on them
BUILT_IN = ("alertname", "alert_type", "metric", "project", "project_id", "rule", "severity", "subject")


def labels_of(
    series: Series, *, rule: str, alert_type: str, severity: str, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Labels of an alert of `rule` on `series`: the rule's, the series', and what every alert has."""
    own = {
        "alertname": rule, "alert_type": alert_type, "metric": series.metric, "project": series.project,
        "project_id": series.project, "rule": rule, "severity": severity, "subject": series.subject,
    }  # fmt: skip
    found = {str(name): str(value) for name, value in json.loads(series.labels).items()}
    return {**(extra or {}), **found, **own}


def read(alert: AlertRow) -> dict[str, str]:
    """The labels that `alert` was stored with; of one from before there were any, those that follow from it."""
    stored: dict[str, str] = json.loads(alert.routing_labels)
    if stored:
        return stored
    series = Series(alert.metric, alert.project, alert.subject, alert.labels)
    return labels_of(series, rule=alert.rule, alert_type=alert.type, severity=alert.severity)


def written(labels: Mapping[str, str]) -> str:
    """Labels as they are stored: JSON, sorted."""
    return json.dumps(dict(labels), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
