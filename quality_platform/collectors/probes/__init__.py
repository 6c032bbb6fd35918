"""Collector of probes: whether addresses and processes answer, into `raw.metric_samples`.

Belongs here: the registry entry, which probes are due, the rows. Does not belong here: a probe's work (`attempts.py`).

The probes of a project are one source, so that a round of them is one batch however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from quality_platform.collectors.contract import Collector, Context, Task
from quality_platform.collectors.instants import microseconds
from quality_platform.collectors.intervals import is_due
from quality_platform.collectors.probes.outcome import Outcome
from quality_platform.collectors.probes.round import attempt_all
from quality_platform.collectors.rows import table_of
from quality_platform.model.batch import Batch, Source, batch_id
from quality_platform.model.configuration import ProjectConfig, QualityConfig
from quality_platform.model.labels import canonical
from quality_platform.model.live_sources import Probe
from quality_platform.model.tables_runtime import METRIC_SAMPLES

NAME, VERSION = "probes", "1"

_Row = tuple[str, str, str, int, float, str]


def find(config: QualityConfig) -> tuple[Task, ...]:
    """One task per active project that has probes."""
    return tuple(
        Task(Source(f"{NAME}:{project.id}", NAME, project.id, f"Probes of {project.name or project.id}"), project)
        for project in config.projects
        if project.status == "active" and project.probes
    )


def changed(task: Task, context: Context) -> bool:
    """Whether a probe is due."""
    return bool(_due(task, context, _last(task, context)))


def collect(task: Task, context: Context) -> Iterator[Batch]:
    """One batch with what the due probes found; none when none is due."""
    last = _last(task, context)
    due = _due(task, context, last)
    if not due:
        return
    outcomes = attempt_all(due)
    now = microseconds(context.now)
    known = {probe.name for probe in _probes(task)}
    rows = [row for probe, outcome in zip(due, outcomes, strict=True) for row in _rows(probe, outcome, now)]
    yield Batch(
        batch_id=batch_id(task.source.source_id, context.now.isoformat()),
        source=task.source,
        collector=NAME,
        collector_version=VERSION,
        read_from={
            "at": {name: at for name, at in last.items() if name in known} | {probe.name: now for probe in due},
            "down": {
                probe.name: outcome.reason for probe, outcome in zip(due, outcomes, strict=True) if outcome.reason
            },
        },
        tables={METRIC_SAMPLES.name: table_of(METRIC_SAMPLES, rows)},
    )


def _probes(task: Task) -> tuple[Probe, ...]:
    return cast("ProjectConfig", task.options).probes


def _last(task: Task, context: Context) -> Mapping[str, object]:
    """When each probe was tried last."""
    cursor = context.history.cursor(task.source.source_id) or {}
    at = cursor.get("at")
    return at if isinstance(at, dict) else {}


def _due(task: Task, context: Context, last: Mapping[str, object]) -> list[Probe]:
    now = microseconds(context.now)
    return [probe for probe in _probes(task) if is_due(last.get(probe.name), now, probe.interval_seconds)]


def _rows(probe: Probe, outcome: Outcome, now: int) -> Iterator[_Row]:
    labels = canonical({"kind": outcome.kind, "target": outcome.target})
    values = {
        "probe.up": float(outcome.reason is None),
        "probe.duration_ms": outcome.duration_ms,
        "probe.status_code": outcome.status,
        "probe.certificate_days_left": outcome.certificate_days,
        "probe.processes": outcome.processes,
    }
    for metric, value in values.items():
        if value is not None:
            yield metric, probe.name, labels, now, float(value), "gauge"


COLLECTOR = Collector(
    name=NAME,
    version=VERSION,
    title="Probes",
    description="Whether addresses answer by HTTP or TCP and processes run: up or not, how fast, with which status.",
    tables=(METRIC_SAMPLES.name,),
    find=find,
    changed=changed,
    collect=collect,
)
