"""Collecting one source into the lake, so that it can be killed anywhere and started again."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from quality_platform.collectors.contract import Collector, Context, Task
from quality_platform.errors import SourceError
from quality_platform.ingestion.validation import checked
from quality_platform.settings import Settings
from quality_platform.warehouse import locks
from quality_platform.warehouse.lake import Lake

LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Collected:
    """What was stored from some sources: rows by table, and where it can be found again."""

    rows: dict[str, int] = field(default_factory=dict)
    rejected: int = 0
    batches: list[str] = field(default_factory=list)
    snapshot_id: int | None = None
    sources: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def row_count(self) -> int:
        """Rows over all tables."""
        return sum(self.rows.values())


def collect(lake: Lake, collector: Collector, task: Task, context: Context, *, run_id: str | None) -> Collected:
    """Read everything new from one source and store it. Raises SourceError when it cannot be read."""
    result = Collected(sources=[task.source.source_id])
    with locks.hold(lake.settings, f"source {task.source.source_id}", f"collecting {task.source.source_id}"):
        for batch in collector.collect(task, context):
            good = checked(batch)
            answer = lake.append(good, run_id=run_id)
            result.snapshot_id = answer.snapshot_id
            if answer.stored:
                _add(result, {name: rows.num_rows for name, rows in good.tables.items()}, answer.rejected_count)
                result.batches.append(answer.batch_id)
    # outside runs a source may be read every second
    level = logging.INFO if run_id else logging.DEBUG
    LOG.log(level, "collected %s: %d rows, %d refused", task.source.source_id, result.row_count, result.rejected)
    return result


def fetch(settings: Settings, collector: Collector, task: Task, context: Context) -> None:
    """Bring the source near, for a `collect` that follows. Raises SourceError when it cannot be read."""
    if collector.fetch is not None:
        with locks.hold(settings, f"source {task.source.source_id}", f"fetching {task.source.source_id}"):
            collector.fetch(task, context)


def collect_all(
    lake: Lake, pairs: Iterable[tuple[Collector, Task]], context: Context, *, run_id: str | None
) -> Collected:
    """Collect several sources; one that cannot be read is noted in `failures` and does not stop the others."""
    total = Collected()
    for collector, task in pairs:
        try:
            part = collect(lake, collector, task, context, run_id=run_id)
        except SourceError as error:
            LOG.exception("cannot read %s", task.source.source_id)
            total.failures[task.source.source_id] = str(error)
            continue
        _add(total, part.rows, part.rejected)
        total.batches += part.batches
        total.sources += part.sources
        total.snapshot_id = part.snapshot_id or total.snapshot_id
    return total


def _add(result: Collected, rows: dict[str, int], rejected: int) -> None:
    for name, count in rows.items():
        result.rows[name] = result.rows.get(name, 0) + count
    result.rejected += rejected
