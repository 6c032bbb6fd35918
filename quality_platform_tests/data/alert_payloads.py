"""What alerting puts beside a message for programs: one alert, and several."""

from __future__ import annotations

from typing import Any

from quality_platform.notifications.delivery import Delivery
from quality_platform_tests.data.messages import MOMENT
from quality_platform_tests.data.news import NEWS


def alert(place: int = 1, **more: object) -> dict[str, Any]:
    """One alert as alerting describes it."""
    given = {
        "id": f"01JQ4Y7N5G{place:04}", "fingerprint": f"{place:064x}", "status": "active", "news": "firing",
        "project_id": "flask", "alert_type": "threshold_violation", "severity": "critical", "rule": "coverage-low",
        "metric_name": "code.coverage_percent", "subject": "src/flask", "labels": {"branch": "main"},
        "routing_labels": {"alertname": "coverage-low", "severity": "critical", "project": "flask", "branch": "main",
                           "series": str(place)},
        "annotations": {"runbook_url": "https://wiki.example.org/coverage"}, "unit": "%", "current_value": 45.25,
        "threshold_value": 50.0, "message": "Test coverage of flask: 45.25% is below 50%.", "evidence": "",
        "commit": "Commit 1a2b3c4d5e6f: drop the old tests", "observed_at": "2026-03-23T06:00:00+00:00",
        "opened_at": "2026-03-23T06:00:00+00:00", "resolved_at": None, "generator_url": None,
    }  # fmt: skip
    return {**given, **more}


def over(place: int = 1, **more: object) -> dict[str, Any]:
    """One that has ended."""
    return alert(place, status="resolved", news="resolved", resolved_at="2026-03-23T06:25:00+00:00", **more)


def speaking(news: str, *alerts: dict[str, Any], message: str | None = None, **more: Any) -> Delivery:
    """A delivery about `alerts` as it comes out of the outbox."""
    single = alerts[0] if len(alerts) == 1 else {}
    group = {"key": '{}:{alertname="coverage-low"}', "labels": {"alertname": "coverage-low"}, "count": len(alerts),
             "truncated": 0}  # fmt: skip
    payload = {**single, "alerts": list(alerts), "status": "resolved" if news == "resolved" else "firing",
               "event": news, "group": group}  # fmt: skip
    given = {"message_id": "01JQ4Y7N5G", "kind": f"alert.{news}", "created_at": MOMENT, "payload": payload}
    return Delivery(message=NEWS[message or news], **(given | more))
