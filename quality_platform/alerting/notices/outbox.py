"""What is put into the outbox: who is told, until when it is tried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from quality_platform.alerting.delivery.frozen import freeze
from quality_platform.alerting.notices.messages import Told, data, message
from quality_platform.model.message import Message
from quality_platform.notifications.delivery import Attachment
from quality_platform.state.database import State
from quality_platform.state.identity import new_id
from quality_platform.state.models import OutboxRow

KEEP_TRYING = timedelta(hours=24)
KEEP_TRYING_CRITICAL = timedelta(hours=72)


def alert_rows(told: Told, channels: Iterable[str], now: datetime) -> list[OutboxRow]:
    """One row per channel about one thing that happened to an alert."""
    kind = "resolved" if told.resolved else "firing"
    payload = freeze(f"alert.{kind}", message(told), data(told))
    patience = KEEP_TRYING_CRITICAL if told.alert.severity == "critical" else KEEP_TRYING
    return [_row(channel, kind, payload, now, patience, told.alert.id) for channel in channels]


def report_rows(
    report: Message, attachments: Sequence[Attachment], channels: Iterable[str], now: datetime
) -> list[OutboxRow]:
    """One row per channel for a report."""
    payload = freeze("report.daily", report, attachments=attachments)
    return [_row(channel, "report", payload, now, KEEP_TRYING, None) for channel in channels]


def trial_row(trial: Message, channel: str, now: datetime, hold: timedelta) -> OutboxRow:
    """A test message: tried once, by whoever made it, since somebody is waiting for the answer."""
    row = _row(channel, "test", freeze("channel.test", trial), now, timedelta(0), None)
    row.state, row.lease_until, row.attempts = "leased", now + hold, 1
    return row


def post(state: State, rows: Sequence[OutboxRow]) -> tuple[str, ...]:
    """Put rows that belong to no alert into the outbox; returns their message ids."""
    with state.write() as session:
        session.add_all(rows)
    return tuple(row.message_id for row in rows)


def _row(channel: str, kind: str, payload: str, now: datetime, patience: timedelta, alert_id: str | None) -> OutboxRow:
    return OutboxRow(
        message_id=new_id(now), channel=channel, alert_id=alert_id, kind=kind, payload=payload, state="pending",
        attempts=0, refusals=0, next_at=now, expires_at=now + patience, created_at=now,
    )  # fmt: skip
