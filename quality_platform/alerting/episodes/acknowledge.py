"""Somebody has seen an alert."""

from __future__ import annotations

from datetime import datetime

from quality_platform.alerting.episodes.changes import event_of
from quality_platform.errors import UsageError
from quality_platform.model.alerts import Evidence
from quality_platform.state import alerts
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow


def acknowledge(state: State, alert_id: str, now: datetime) -> AlertRow:
    """Mark an open alert as seen; a second time changes nothing. Raises UsageError for one unknown or over."""
    with state.write(serial="alerts") as session:
        alert = alerts.get(session, alert_id)
        if alert is None or alert.status == "resolved":
            what = "There is no alert" if alert is None else "It is over already: alert"
            raise UsageError(f"{what} {alert_id}.", hint="`quality-platform alerts` lists the open ones.")
        if alert.status == "active":
            alert.status, alert.updated_at = "acknowledged", now
            value = float("nan") if alert.value is None else alert.value
            evidence = Evidence(value, alert.threshold, alert.observed_at)
            session.add(event_of(alert, "acknowledged", evidence, alert.message, now))
    return alert
