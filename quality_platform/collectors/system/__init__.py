"""Collector of the host: CPU, memory, disks, network and processes into `raw.metric_samples`.

Belongs here: the registry entry and the rows. Does not belong here: reading (`host.py`, `processes.py`) or
arithmetic (`rates.py`). A schedule decides when to sample: there is always something new.
"""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Iterator
from typing import cast

import psutil

from quality_platform.collectors.contract import Collector, Context, Task
from quality_platform.collectors.instants import microseconds
from quality_platform.collectors.rows import table_of
from quality_platform.collectors.system.host import Sample, counters, gauges
from quality_platform.collectors.system.processes import ProcessGroup, process_groups
from quality_platform.collectors.system.rates import (
    Reading,
    busy_percent,
    growth,
    process_percent,
    reading_of,
    seconds_between,
)
from quality_platform.model.batch import Batch, Source, batch_id
from quality_platform.model.configuration import QualityConfig, SystemSource
from quality_platform.model.labels import canonical
from quality_platform.model.tables_runtime import METRIC_SAMPLES

NAME, VERSION = "system", "1"

FIRST_INTERVAL = 0.1
"""Seconds over which CPU use is measured when there is no earlier reading."""

RATES = {
    "disk_read_bytes": "system.disk_read_bytes_per_second",
    "disk_write_bytes": "system.disk_write_bytes_per_second",
    "network_receive_bytes": "system.network_receive_bytes_per_second",
    "network_send_bytes": "system.network_send_bytes_per_second",
}

_Row = tuple[str, str, str, int, float, str]


def find(config: QualityConfig) -> tuple[Task, ...]:
    """This host, for the project named in the section `system` or the first one, unless that is paused."""
    active = {project.id: project.status == "active" for project in config.projects}
    project = config.system.project or next(iter(active), None)
    if not config.system.enabled or project is None or not active.get(project, True):
        return ()
    host = platform.node() or "localhost"
    return (Task(Source(f"host:{host}", "host", project, f"Host {host}"), config.system),)


def changed(task: Task, context: Context) -> bool:
    """Always: time has passed."""
    return True


def collect(task: Task, context: Context) -> Iterator[Batch]:
    """One batch with one sample of every metric that this system gives."""
    options = cast("SystemSource", task.options)
    host = task.source.source_id.removeprefix("host:")
    previous = reading_of(context.history.cursor(task.source.source_id))
    baseline = previous if previous and _is_recent(previous) else _first_baseline(options)
    groups = process_groups(options.processes)
    current = _reading(groups)
    samples = [*gauges(), *_cpu(baseline, current)]
    rows = [_row(host, sample, context) for sample in samples]
    rows += [_row(host, sample, context, "rate") for sample in _rates(previous, current)]
    for group in groups:
        rows += [_row(group.name, sample, context) for sample in _process_samples(group, baseline, current)]
    yield Batch(
        batch_id=batch_id(task.source.source_id, context.now.isoformat()),
        source=task.source,
        collector=NAME,
        collector_version=VERSION,
        read_from=current.as_cursor(),
        tables={METRIC_SAMPLES.name: table_of(METRIC_SAMPLES, [row for row in rows if math.isfinite(row[4])])},
    )


def _reading(groups: list[ProcessGroup]) -> Reading:
    return Reading(time.time(), psutil.boot_time(), counters(), {group.key: group.cpu for group in groups})


def _is_recent(previous: Reading) -> bool:
    return seconds_between(previous, Reading(time.time(), psutil.boot_time(), {}, {})) is not None


def _first_baseline(options: SystemSource) -> Reading:
    reading = _reading(process_groups(options.processes))
    time.sleep(FIRST_INTERVAL)
    return reading


def _cpu(before: Reading, after: Reading) -> list[Sample]:
    percent = busy_percent(before, after)
    return [] if percent is None else [Sample("system.cpu_percent", percent)]


def _rates(before: Reading | None, after: Reading) -> list[Sample]:
    elapsed = seconds_between(before, after)
    if before is None or elapsed is None:
        return []
    grown = {metric: growth(before, after, counter) for counter, metric in RATES.items()}
    return [Sample(metric, grew / elapsed) for metric, grew in grown.items() if grew is not None]


def _process_samples(group: ProcessGroup, before: Reading, after: Reading) -> list[Sample]:
    elapsed = seconds_between(before, after)
    values = {
        "process.cpu_percent": elapsed and process_percent(before, after, group.key, elapsed),
        "process.memory_bytes": group.memory,
        "process.open_files": group.files,
        "process.threads": group.threads,
    }
    labels = (("role", group.role),) if group.role else ()
    return [Sample(metric, value, labels) for metric, value in values.items() if value is not None]


def _row(subject: str, sample: Sample, context: Context, kind: str = "gauge") -> _Row:
    observed = microseconds(context.now)
    return sample.metric, subject, canonical(dict(sample.labels)), observed, sample.value, kind


COLLECTOR = Collector(
    name=NAME,
    version=VERSION,
    title="Host",
    description="CPU, memory, disks, network and processes of this host; counters as rates.",
    tables=(METRIC_SAMPLES.name,),
    find=find,
    changed=changed,
    collect=collect,
)
