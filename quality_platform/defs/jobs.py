"""Jobs and schedules. `refresh` brings everything up to date; `full` checks it as well.

Belongs here: what runs together and when. Does not belong here: what starts a run because something
happened (`sensors.py`).
"""

from __future__ import annotations

import dagster as dg

from quality_platform.defs import keys
from quality_platform.model.configuration import ReportConfig

# Hourly work and the report have schedules of their own.
ASIDE = dg.AssetSelection.assets(keys.REPORT, keys.MAINTENANCE)

Checks = tuple[dg.AssetsDefinition | dg.AssetChecksDefinition, ...]


def jobs(checks: Checks) -> tuple[dg.UnresolvedAssetJobDefinition, ...]:
    """All jobs. `checks` are the steps that check what is stored: part of full runs and hourly, not of a refresh."""
    everything = dg.AssetSelection.all() - dg.AssetSelection.assets(keys.MAINTENANCE)
    return (
        dg.define_asset_job("full", everything, description="Collect, transform, judge, check, report."),
        dg.define_asset_job(
            "refresh",
            dg.AssetSelection.all() - ASIDE - dg.AssetSelection.checks(*checks),
            description="Collect, transform, judge: what has come in since.",
        ),
        dg.define_asset_job(
            "hourly",
            dg.AssetSelection.checks(*checks) | dg.AssetSelection.assets(keys.MAINTENANCE),
            description="Check what is stored, tidy the lake.",
        ),
        dg.define_asset_job("report", dg.AssetSelection.assets(keys.REPORT), description="Write and send the report."),
    )


def schedules(report: ReportConfig) -> tuple[dg.ScheduleDefinition, ...]:
    """All schedules, running from the first start."""
    hour, minute = report.at.split(":")
    on = dg.DefaultScheduleStatus.RUNNING
    return (
        dg.ScheduleDefinition(name="hourly", job_name="hourly", cron_schedule="17 * * * *", default_status=on),
        dg.ScheduleDefinition(
            name="daily_report", job_name="report", cron_schedule=f"{int(minute)} {int(hour)} * * *",
            execution_timezone=report.timezone, default_status=on,
        ),
    )  # fmt: skip
