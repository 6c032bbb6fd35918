"""One message for every kind of news about an alert, as alerting makes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from quality_platform.model.message import Link, Message, Plot
from quality_platform.notifications.alert_message import alert_message, group_message

FIRED = datetime(2026, 3, 23, 6, 0, tzinfo=UTC)
DASHBOARD = Link("Open the alert", "http://127.0.0.1:8000/alerts/01JQ4Y7N5G")


def about(**more: object) -> Message:
    """The coverage of flask, which fell."""
    given = {
        "title": "Test coverage of flask: 45.25% is below 50%",
        "rule": "coverage-low",
        "severity": "critical",
        "project": "flask",
        "subject": "src/flask",
        "metric": "Test coverage",
        "unit": "%",
        "value": 45.25,
        "threshold": 50.0,
        "observed_at": FIRED,
        "opened_at": FIRED,
        "evidence": "Commit 1a2b3c4d5e6f: drop the old tests",
        "links": (DASHBOARD,),
        "runbook": "https://wiki.example.org/coverage",
    }
    return alert_message(**(given | more))  # type: ignore[arg-type]


def after(hours: float) -> datetime:
    return FIRED + timedelta(hours=hours)


def fallen(count: int = 60) -> Plot:
    """Coverage that slips, and falls with the last commit."""
    times = tuple(FIRED - timedelta(hours=6) * (count - 1 - place) for place in range(count))
    values = (*(86 - place * 0.25 + place % 3 for place in range(count - 1)), 45.25)
    return Plot("Test coverage", "%", times, values, 50.0, ((FIRED, "critical"),), "critical")


ERRORS = about(
    title="Error rate of shop: 4.1% is above 2%",
    severity="warning",
    project="shop",
    subject="checkout",
    metric="Error rate",
    value=4.1,
    threshold=2.0,
    evidence="Group 7f3a: KeyError in checkout/cart.py",
)

NEWS: dict[str, Message] = {
    "firing": about(plot=fallen()),
    "repeat": about(news="repeat", now=after(4)),
    "resolved": about(news="resolved", value=80.0, observed_at=after(0.4), resolved_at=after(0.4)),
    "missed": about(news="resolved", value=80.0, observed_at=after(30), resolved_at=after(30), told_before=False),
    "acknowledged": about(news="acknowledged", actor="token ada", note="Reverting the commit.", until=after(8)),
    "escalated": about(news="escalated"),
    "flapping": about(news="flapping", cycles=6, severity="warning"),
    "settled": about(news="settled", cycles=14),
    "group": group_message([about(plot=fallen()), ERRORS, about(news="resolved", resolved_at=after(1))],
                           title="3 alerts firing in 2 projects"),
    "digest": group_message([ERRORS] * 12, title="62 alerts while the channel was over its limit", truncated=50),
}  # fmt: skip
"""By what they say; `missed` is a resolved alert that the receiver hears of for the first time."""
