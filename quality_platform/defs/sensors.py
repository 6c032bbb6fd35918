"""Sensors of the sources: a run when a repository moved or a file grew; the host's samples, probes and scrapes without
a run.

They work in the code server, which is warm; a run is started only when there is something new.
"""

import json
import logging
import time
from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from quality_platform.collectors.contract import Collector, Context, Task
from quality_platform.configuration.effective import SELF
from quality_platform.defs import keys
from quality_platform.defs.collect import metadata
from quality_platform.defs.platform import Platform
from quality_platform.errors import QualityPlatformError
from quality_platform.ingestion import sources
from quality_platform.ingestion.collect import collect_all
from quality_platform.model.configuration import RepositorySource

LOG = logging.getLogger("quality_platform.sensors")
ON = dg.DefaultSensorStatus.RUNNING

# How long to wait after the last run before the next, by what has changed. A moved HEAD is rare and news; log
# files grow all the time; the platform's own files grow because the platform runs.
PATIENCE_SECONDS = {"repository": 0.0, "files": 120.0, "own": 600.0}
# A server of repositories is not asked at every tick.
REMOTE_SECONDS = 300.0
# Collectors that are asked by the clock: there is always something new, which is no reason for a run.
TIMED = ("system", "probes", "scrape")
IN_PROGRESS = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


@dg.sensor(job_name="refresh", minimum_interval_seconds=30, default_status=ON)
def sources_changed(
    context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]
) -> dg.SensorResult | dg.SkipReason:
    """Start `refresh` when a source has something new."""
    asked = float(json.loads(context.cursor or "{}").get("remote_asked_at", 0.0))
    remote = time.time() - asked >= REMOTE_SECONDS
    if remote:
        context.update_cursor(json.dumps({"remote_asked_at": time.time()}))
    changed = _changed(platform, remote=remote)
    if not changed:
        return dg.SkipReason("Nothing new.")
    if context.instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS), limit=1):
        return dg.SkipReason("A run is in progress.")
    now, last = time.time(), _last_run(context.instance)
    patience = min(PATIENCE_SECONDS[_kind(collector, task)] for collector, task in changed)
    if now - last < patience:
        return dg.SkipReason(f"{len(changed)} changed; the last run was {now - last:.0f} s ago.")
    names = [task.source.source_id for _, task in changed]
    return dg.SensorResult(run_requests=[dg.RunRequest(tags={"quality_platform/changed": ", ".join(names)[:200]})])


def _last_run(instance: dg.DagsterInstance) -> float:
    """When the newest run was created, in seconds since 1970; 0 when there was none."""
    newest = instance.get_run_records(limit=1)
    return newest[0].create_timestamp.timestamp() if newest else 0.0


@dg.sensor(minimum_interval_seconds=300, default_status=ON)
def host_samples(platform: dg.ResourceParam[Platform]) -> dg.SensorResult:
    """Sample the host every five minutes, and what is due of probes and scrapes, without the cost of a run.

    While the live service runs it asks probes and targets on their own intervals, and here nothing is due.
    """
    pairs = [pair for pair in sources.tasks(platform.config) if pair[0].name in TIMED]
    result = collect_all(platform.lake, pairs, platform.context(), run_id=None)
    events = [
        dg.AssetMaterialization(keys.raw(name), metadata=metadata([result], name))
        for name, rows in result.rows.items()
        if rows
    ]
    return dg.SensorResult(asset_events=events)


@dg.run_failure_sensor(default_status=ON)
def failed_runs(context: dg.RunFailureSensorContext) -> None:
    """Write a failed run to the platform's own error log, where it is collected like any application's errors."""
    LOG.error("run of %s failed: %s", context.dagster_run.job_name, context.failure_event.message)


def _changed(platform: Platform, *, remote: bool) -> list[tuple[Collector, Task]]:
    work = platform.context()
    driven = [pair for pair in sources.tasks(platform.config) if pair[0].name not in TIMED]
    return [pair for pair in driven if (remote or not _is_remote(pair[1])) and _asks(*pair, work)]


def _is_remote(task: Task) -> bool:
    """Whether looking at the source asks another machine."""
    return isinstance(task.options, RepositorySource) and not Path(task.options.url).is_absolute()


def _asks(collector: Collector, task: Task, work: Context) -> bool:
    try:
        return collector.changed(task, work)
    except QualityPlatformError as error:
        LOG.warning("cannot look at %s: %s", task.source.source_id, error)
        return False


def _kind(collector: Collector, task: Task) -> str:
    if collector.name == "repository":
        return "repository"
    return "own" if task.source.project == SELF else "files"


def all_sensors() -> Iterable[dg.SensorDefinition]:
    """The sensors of this module."""
    return (sources_changed, host_samples, failed_runs)
