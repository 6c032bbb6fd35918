"""What is put into the outbox: who is told, until when it is tried.

Belongs here: rows of messages. Does not belong here: which alerts a message speaks of (`flushing.py`), its words
(`messages.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quality_platform.alerting.delivery.frozen import freeze
from quality_platform.alerting.notices.messages import Told, data, message, news_of
from quality_platform.model.alerts import SEVERITY_ORDER
from quality_platform.model.message import Message
from quality_platform.notifications.delivery import Attachment
from quality_platform.state.database import State
from quality_platform.state.identity import new_id
from quality_platform.state.models import OutboxAlertRow, OutboxRow

KEEP_TRYING = timedelta(hours=24)
KEEP_TRYING_CRITICAL = timedelta(hours=72)

Posted = tuple[OutboxRow, tuple[str, ...]]
"""A message and the alerts that it speaks of."""


@dataclass(frozen=True, slots=True)
class Group:
    """What a message's alerts have in common; `first_message` told the channel first of its only alert."""

    key: str
    labels: Mapping[str, str]
    first_message: str | None = None
    patience: timedelta | None = None
    """For how long the channel wants it to be tried, where it says so."""


def posted(channel: str, group: Group, told: Sequence[Told], now: datetime) -> Posted:
    """One message about these alerts; its body is frozen now."""
    news = news_of(told)
    severity = max((each.alert.severity for each in told), key=SEVERITY_ORDER.__getitem__)
    payload = freeze(f"alert.{news}", message(told), data(told, group.key, group.labels, group.first_message))
    patience = group.patience or (KEEP_TRYING_CRITICAL if severity == "critical" else KEEP_TRYING)
    row = _row(channel, news, payload, now, patience, told[0].alert.id)
    row.severity = severity
    return row, tuple(each.alert.id for each in told)


def enqueue(session: Session, messages: Sequence[Posted]) -> None:
    """Put messages about alerts, which are in the session, into the outbox, in this order."""
    if not messages:
        return
    session.add_all(row for row, _ in messages)
    session.flush()
    session.add_all(
        OutboxAlertRow(position=row.position, alert_id=alert_id) for row, alerts in messages for alert_id in alerts
    )
    session.flush()


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
        attempts=0, refusals=0, next_at=now, expires_at=now + patience, created_at=now, severity="info",
    )  # fmt: skip
