"""The hourly tidying, as an asset, so that its result and its history stand in the UI."""

from dataclasses import asdict
from datetime import timedelta

import dagster as dg

from quality_platform.defs import keys
from quality_platform.defs.platform import Platform
from quality_platform.telemetry import logs
from quality_platform.warehouse.catalogs import CATALOGS

# Long enough to look at yesterday's state; short enough that replaced marts do not fill the disk.
KEEP_SNAPSHOTS = timedelta(days=1)


@dg.asset(key=keys.MAINTENANCE, group_name="platform", kinds={"python", "ducklake"})
def maintenance(platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[None]:
    """Merge small files, forget old snapshots, delete old logs."""
    done = {catalog: asdict(platform.lake.tidy(catalog, keep=KEEP_SNAPSHOTS)) for catalog in CATALOGS}
    deleted = logs.forget_old(platform.settings.logs_dir)
    return dg.MaterializeResult(metadata={"catalogs": done, "log_files_deleted": deleted})
