"""dbt's door to the lake: the same extensions, the same attachments and the same lock as everybody else.

Named in `dbt_models/profiles.yml`, so a bare `dbt run` in a terminal obeys the lock as well.
"""

from __future__ import annotations

import atexit
from contextlib import ExitStack

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from quality_platform.settings import Settings
from quality_platform.warehouse import catalogs, locks


class Plugin(BasePlugin):
    """Attaches `raw` read-only and `marts` writable to dbt's connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach both catalogs; take the `marts` lock for this process unless it is held already."""
        settings = Settings()
        if not locks.held(settings, "marts"):
            stack = ExitStack()
            stack.enter_context(locks.hold(settings, "marts", "dbt"))
            atexit.register(stack.close)
        catalogs.attach(conn, settings, writable=("marts",))
