"""dbt's door to the lake: the same extensions, the same attachments and the same lock as everybody else.

Named in `dbt_models/profiles.yml`, so a bare `dbt run` in a terminal obeys the lock as well.
"""

from __future__ import annotations

from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin

from quality_platform.settings import Settings
from quality_platform.warehouse import catalogs, locks
from quality_platform.warehouse.lake import Lake


class Plugin(BasePlugin):
    """Attaches `raw` read-only and `marts` writable to dbt's connection."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Give dbt's connection the limits that every other one has."""
        config.update(Lake(Settings()).limits())

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach both catalogs; take the `marts` lock for this process unless it is held already."""
        settings = Settings()
        if not locks.held(settings, "marts"):
            locks.hold_for_life(settings, "marts", "dbt")
        catalogs.attach(conn, settings, writable=("marts",))
