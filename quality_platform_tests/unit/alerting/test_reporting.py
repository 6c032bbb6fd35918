"""A report is sent once a day and channel, however often it is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from quality_platform.alerting.reporting import send_report
from quality_platform.model.message import Message
from quality_platform.notifications.delivery import Attachment
from quality_platform.state.database import State
from quality_platform.state.models.outbox import OutboxRow

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
REPORT = Message("Quality report", "All is well.", "good")
PAPER = Attachment("report.pdf", "application/pdf", b"%PDF-1.7")


def test_once_a_day_and_channel(state: State) -> None:
    assert len(send_report(state, REPORT, [PAPER], ["mail", "slack"], NOON)) == 2
    assert send_report(state, REPORT, [PAPER], ["mail"], NOON + timedelta(hours=3)) == ()
    assert len(send_report(state, REPORT, [PAPER], ["mail", "hook"], NOON + timedelta(hours=4))) == 1
    assert len(send_report(state, REPORT, [PAPER], ["mail"], NOON + timedelta(days=1))) == 1
    assert send_report(state, REPORT, [PAPER], [], NOON) == ()
    with state.read() as session:
        rows = session.execute(sa.select(OutboxRow.channel, OutboxRow.kind, OutboxRow.state)).all()
    assert sorted(rows) == [(name, "report", "pending") for name in ("hook", "mail", "mail", "slack")]
