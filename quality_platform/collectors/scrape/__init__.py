"""Collector of metrics that programs show in Prometheus' format, into `raw.metric_samples`.

Belongs here: the registry entry, what is due, the batch. Does not belong here: the formats (`exposition.py`) or
connections (`web/`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import cast

from quality_platform.collectors.contract import Collector, Context, Task
from quality_platform.collectors.instants import microseconds
from quality_platform.collectors.intervals import is_due
from quality_platform.collectors.rows import table_of
from quality_platform.collectors.scrape.exposition import Exposition
from quality_platform.collectors.scrape.rows import exposed_rows, own_rows
from quality_platform.collectors.scrape.target import fetch
from quality_platform.model.batch import Batch, Source, batch_id
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.live_sources import ScrapeTarget
from quality_platform.model.tables_runtime import METRIC_SAMPLES

NAME, VERSION = "scrape", "1"


def find(config: QualityConfig) -> tuple[Task, ...]:
    """One task per target of the active projects."""
    return tuple(
        Task(
            Source(f"{NAME}:{project.id}:{target.name}", NAME, project.id, f"Metrics of {target.name}"),
            target,
        )
        for project in config.projects
        if project.status == "active"
        for target in project.scrape
    )


def changed(task: Task, context: Context) -> bool:
    """Whether the target is due."""
    target = cast("ScrapeTarget", task.options)
    cursor = context.history.cursor(task.source.source_id) or {}
    return is_due(cursor.get("at"), microseconds(context.now), target.interval_seconds)


def collect(task: Task, context: Context) -> Iterator[Batch]:
    """One batch with the samples, and `scrape.up`; none when the target is not due."""
    if not changed(task, context):
        return
    target = cast("ScrapeTarget", task.options)
    now = microseconds(context.now)
    started = time.monotonic()
    found = fetch(target)
    shown = found if isinstance(found, Exposition) else Exposition()
    rows, rejected = exposed_rows(shown, target, now)
    up = isinstance(found, Exposition)
    rows += own_rows(target, now, up=up, seconds=time.monotonic() - started, samples=len(rows))
    yield Batch(
        batch_id=batch_id(task.source.source_id, context.now.isoformat()),
        source=task.source,
        collector=NAME,
        collector_version=VERSION,
        read_from={"at": now, "url": target.url.partition("?")[0], "down": None if up else found},
        tables={METRIC_SAMPLES.name: table_of(METRIC_SAMPLES, rows)},
        rejected=tuple(rejected),
    )


COLLECTOR = Collector(
    name=NAME,
    version=VERSION,
    title="Prometheus targets",
    description="Metrics that programs and exporters show, and whether they could be scraped.",
    tables=(METRIC_SAMPLES.name,),
    find=find,
    changed=changed,
    collect=collect,
)
