"""Sending a report through the outbox, once a day and channel, however often it is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from quality_platform.alerting.notices import outbox
from quality_platform.model.message import Message
from quality_platform.notifications.delivery import Attachment
from quality_platform.state.database import State
from quality_platform.state.models.outbox import OutboxRow


def send_report(
    state: State, report: Message, attachments: Sequence[Attachment], channels: Sequence[str], now: datetime
) -> tuple[str, ...]:
    """Put the report of the day of `now` into the outbox of those `channels` that have not had one today."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    had = sa.select(OutboxRow.channel).where(OutboxRow.kind == "report", OutboxRow.created_at >= midnight)
    with state.write(serial="alerts") as session:
        told = set(session.scalars(had))
        rows = outbox.report_rows(report, attachments, [name for name in channels if name not in told], now)
        session.add_all(rows)
    return tuple(row.message_id for row in rows)
