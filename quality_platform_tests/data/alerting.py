"""Planted observations and verdicts, and a plan made of few words, for tests of alerting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from quality_platform.alerting.plan import Plan
from quality_platform.model.channels import ChannelConfig, WebhookChannel, WebhookSettings
from quality_platform.model.configuration import ProjectConfig, QualityConfig
from quality_platform.model.rules import RuleConfig
from quality_platform.warehouse.lake import Lake

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
