"""All definitions from one settings object: the seam where tests put a home of their own.

Belongs here: putting together. Does not belong here: any asset, check, job or sensor.
"""

from __future__ import annotations

import dagster as dg

from quality_platform.defs import (
    alerts,
    arrivals,
    assess,
    automation,
    checks,
    collect,
    explain,
    inputs,
    jobs,
    maintenance,
    report,
    sensors,
    sources,
)
from quality_platform.defs.console import step_lines
from quality_platform.defs.dbt import assets as dbt
from quality_platform.defs.platform import RESOURCE, Platform
from quality_platform.settings import Settings
from quality_platform.telemetry import logs


def build(settings: Settings) -> dg.Definitions:
    """Everything that Dagster shows and runs for the platform of `settings`."""
    logs.configure(settings)
    platform = Platform(settings)
    config = platform.config
    models, tests = dbt.assets(settings)
    judged = (tests, checks.checks())
    following = automation.with_condition(
        [
            inputs.vulnerable_versions,
            inputs.package_licences,
            inputs.release_commits,
            inputs.security_scores,
            models,
            assess.verdicts,
            explain.explanations,
            explain.bottlenecks,
        ]
    )
    return dg.Definitions(
        assets=[
            *sources.specs(config),
            *collect.assets(config),
            *alerts.histories(),
            inputs.catalogue,
            *following,
            alerts.alert_evaluation,
            report.daily_report,
            maintenance.maintenance,
        ],
        asset_checks=judged,
        jobs=jobs.jobs(judged),
        schedules=jobs.schedules(config.report),
        sensors=[*sensors.all_sensors(), arrivals.live_arrivals, *alerts.all_sensors(), automation.sensor()],
        resources={RESOURCE: platform},
        # the multiprocess executor costs 3-6 s of CPU a step in imports; parallel work happens inside collectors
        executor=dg.in_process_executor,
        loggers={"console": step_lines},
    )
