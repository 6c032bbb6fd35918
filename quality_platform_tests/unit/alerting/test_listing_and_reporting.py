"""Lists of alerts by status and project; a report goes out once a day and channel."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quality_platform.alerting.listing import alerts, open_alerts
from quality_platform.alerting.reporting import send_report
from quality_platform.model.message import Message
from quality_platform.notifications.delivery import Attachment
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow, OutboxRow
from quality_platform_tests.data.alerting import NOON, minutes

REPORT = Message("Daily report", "All is well.", "good")
PAPER = Attachment("report.pdf", "application/pdf", b"%PDF-")


def alert(name: str, status: str, project: str = "shop") -> AlertRow:
    opened = NOON + minutes(int(name))
    return AlertRow(
        id=name, fingerprint=name, rule="r", type="regression", metric="m", project=project, subject="s", labels="{}",
        severity="warning", status=status, observed_at=NOON, message="", opened_at=opened, updated_at=opened,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "project", "limit", "expected"),
    [
        (None, None, 100, ["4", "3", "2", "1"]),
        ("open", None, 100, ["4", "2", "1"]),
        ("active", None, 100, ["4", "1"]),
        ("acknowledged", None, 100, ["2"]),
        ("resolved", None, 100, ["3"]),
        ("open", "bank", 100, ["4"]),
        ("open", "none", 100, []),
        (None, None, 2, ["4", "3"]),
    ],
)
def test_alerts_are_listed_newest_first(
    state_on_sqlite: State, status: str | None, project: str | None, limit: int, expected: list[str]
) -> None:
    with state_on_sqlite.write() as session:
        session.add_all(
            [alert("1", "active"), alert("2", "acknowledged"), alert("3", "resolved"), alert("4", "active", "bank")]
        )
    found = alerts(state_on_sqlite, status=status, project=project, limit=limit)
    assert [row["id"] for row in found] == expected
    assert [row["id"] for row in open_alerts(state_on_sqlite)] == ["4", "2", "1"]


def test_a_report_is_sent_once_a_day_to_each_channel(state: State) -> None:
    days = [NOON, NOON + timedelta(hours=1), NOON + timedelta(days=1)]
    sent = [len(send_report(state, REPORT, [PAPER], ["mail", "chat"][: n + 1], now)) for n, now in enumerate(days)]
    assert sent == [1, 1, 2]
    with state.read() as session:
        assert [row.channel for row in session.query(OutboxRow).order_by(OutboxRow.position)] == [
            "mail", "chat", "mail", "chat",
        ]  # fmt: skip
