"""Planted observations, plans made of few words, receivers that change their mind: for tests of alerting."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pyarrow as pa

from quality_platform.alerting.plan import Plan
from quality_platform.model.channels import ChannelConfig, WebhookChannel, WebhookSettings
from quality_platform.model.configuration import ProjectConfig, QualityConfig
from quality_platform.model.rules import RuleConfig
from quality_platform.state.database import State
from quality_platform.state.models import AlertEventRow, DeliveryRow
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.receivers import Receiver, answering, hanging_up
from quality_platform_tests.data.waiting import until

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CPU = "system.cpu_percent"
COVERAGE = "code.coverage_percent"


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def plant(
    lake: Lake, project: str, points: Iterable[tuple[datetime, float]], *, metric: str = CPU, subject: str = "host"
) -> None:
    """Store observations of one series; each has a batch of its own, named by project and place."""
    rows = [
        {"metric": metric, "project": project, "subject": subject, "labels": "{}", "observed_at": at, "value": value,
         "batch_id": f"{project}-{place}"}
        for place, (at, value) in enumerate(points)
    ]  # fmt: skip
    store(lake, pa.Table.from_pylist(rows))


def store(lake: Lake, rows: pa.Table) -> None:
    with lake.writing("marts", "test") as connection:
        connection.register("planted", rows)
        connection.execute("INSERT INTO marts.fct_observations BY NAME SELECT * FROM planted")
        connection.unregister("planted")


def plan(
    rules: Sequence[RuleConfig], channels: Sequence[ChannelConfig] = (), projects: Sequence[ProjectConfig] = ()
) -> Plan:
    return Plan.of(QualityConfig(rules=tuple(rules), channels=tuple(channels), projects=tuple(projects)))


def webhook(name: str, url: str = "https://example.org/hook", **filters: object) -> WebhookChannel:
    return WebhookChannel.model_validate({"name": name, "configuration": WebhookSettings(url=url), **filters})


@dataclass
class Answers:
    """What a receiver does, in turn, the last for ever: answers with a status, or hangs up at 0; after `delay` s."""

    statuses: tuple[int, ...] = (204,)
    delay: float = 0.0
    given: int = 0

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        status = self.statuses[min(self.given, len(self.statuses) - 1)]
        self.given += 1
        time.sleep(self.delay)
        (answering(status) if status else hanging_up)(handler)


def wait_for(receiver: Receiver, count: int) -> None:
    """Wait until `receiver` has got so many requests."""
    until(lambda: len(receiver.requests) >= count, lambda: f"{len(receiver.requests)} of {count} requests came")


def events(state: State) -> list[AlertEventRow]:
    """Everything that has happened to alerts, in order."""
    with state.read() as session:
        return session.query(AlertEventRow).order_by(AlertEventRow.sequence).all()


def attempts(state: State, message_id: str) -> list[tuple[int, str, int | None]]:
    """Attempts to deliver a message: number, outcome, status."""
    with state.read() as session:
        rows = session.query(DeliveryRow).filter_by(message_id=message_id).order_by(DeliveryRow.id)
        return [(row.attempt, row.outcome, row.status) for row in rows]
