"""One run of a job in this process, for `quality-platform run` and the first run of `up`.

Belongs here: executing and summing up. Does not belong here: what a person sees of it (`cli/`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import dagster as dg

from quality_platform.settings import Settings

PID_TAG = "quality_platform/pid"
RUN_CONFIG: dict[str, Any] = {"loggers": {"console": {}}}


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended. `failed_steps` and `failed_checks` are names."""

    run_id: str
    success: bool
    materialised: int
    failed_steps: tuple[str, ...]
    failed_checks: tuple[str, ...]


def execute(settings: Settings, job_name: str, *, alone: bool = False) -> Ran:
    """Run `job_name` on the instance of DAGSTER_HOME and wait for its end.

    `alone` says that no daemon and no other run works on this home: runs that look busy are lost ones.
    """
    from quality_platform.defs.build import build

    job = build(settings).resolve_job_def(job_name)
    with dg.DagsterInstance.get() as instance:
        close_lost_runs(instance, alone=alone)
        tags = {PID_TAG: str(os.getpid())}
        result = job.execute_in_process(instance=instance, raise_on_error=False, run_config=RUN_CONFIG, tags=tags)
        checks = [evaluation for evaluation in result.get_asset_check_evaluations() if not evaluation.passed]
        return Ran(
            run_id=result.run_id,
            success=result.success,
            materialised=len(result.get_asset_materialization_events()),
            failed_steps=tuple(event.step_key or "" for event in result.get_step_failure_events()),
            failed_checks=tuple(f"{check.asset_key.to_user_string()}: {check.check_name}" for check in checks),
        )


def close_lost_runs(instance: dg.DagsterInstance, *, alone: bool) -> int:
    """Mark runs of dead processes as failed, so that none blocks the queue for ever; returns how many."""
    import psutil

    lost = 0
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        pid = run.tags.get(PID_TAG)
        if alone or (pid is not None and not psutil.pid_exists(int(pid))):
            instance.report_run_failed(run, "The process that ran it has gone.")
            lost += 1
    return lost
