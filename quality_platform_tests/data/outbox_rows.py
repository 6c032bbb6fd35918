"""Rows of the outbox and the alerts they speak of, for tests of delivery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from quality_platform.alerting.delivery.frozen import freeze
from quality_platform.model.message import Message
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow, OutboxAlertRow, OutboxRow

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def put(
    database: State,
    name: str,
    channel: str = "hook",
    alerts: str | Sequence[str] = (),
    now: datetime = NOON,
    **values: object,
) -> None:
    """A message of this id about these alerts, which are made when they are not there; pending and due at `now`."""
    about = [alerts] if isinstance(alerts, str) else list(alerts)
    payload = freeze("alert.firing", Message(name, "", "warning"))
    row = {"kind": "firing", "payload": payload, "state": "pending", "next_at": now, "created_at": now}
    with database.write() as session:
        for each in about:
            if session.get(AlertRow, each) is None:
                session.add(_alert(each))
        session.flush()
        made = OutboxRow(
            message_id=name, channel=channel, alert_id=about[0] if about else None, attempts=values.pop("attempts", 0),
            refusals=values.pop("refusals", 0), expires_at=values.pop("expires_at", now + timedelta(days=1)),
            **{**row, **values},
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.add_all(OutboxAlertRow(position=made.position, alert_id=each) for each in about)


def message(state: State, name: str) -> OutboxRow:
    """The row of a message."""
    with state.read() as session:
        return session.query(OutboxRow).filter_by(message_id=name).one()


def _alert(name: str) -> AlertRow:
    return AlertRow(
        id=name, fingerprint=name, rule="r", type="regression", metric="m", project="p", subject="s", labels="{}",
        severity="warning", status="active", observed_at=NOON, message="", opened_at=NOON, updated_at=NOON,
    )  # fmt: skip
