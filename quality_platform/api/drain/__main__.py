"""`python -m quality_platform.api.drain FD`: the drain's process, started by the API process with one end of a pipe."""

from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection

from quality_platform.api.drain.compose import compose
from quality_platform.settings import Settings
from quality_platform.telemetry import logs, memory
from quality_platform.warehouse import locks

NICENESS = 5
"""Whoever waits for an answer goes first."""


def main() -> None:
    """Run until there is nothing to do, or the API process ends."""
    os.nice(NICENESS)
    # commits are small: a second thread of DuckDB took a quarter more CPU and made none of them quicker
    settings = Settings().model_copy(update={"duckdb_threads": 1})
    logs.configure(settings)
    pipe = Connection(int(sys.argv[1]))
    # one drain for a spool: another that is still ending holds the lock a moment longer
    with locks.hold(settings, f"spool {settings.spool_dir}", "draining the spool"):
        process = compose(settings, pipe)
        memory.settle()
        process.run()


if __name__ == "__main__":
    main()
