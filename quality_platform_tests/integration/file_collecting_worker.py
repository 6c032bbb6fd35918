"""One process that collects a log and an event file into the lake, again and again, until it is killed.

Arguments: log, event file. The lake is the one of the environment's settings.
"""

from __future__ import annotations

import sys
import time

from quality_platform.collectors.events import COLLECTOR as EVENTS
from quality_platform.collectors.logs import COLLECTOR as LOGS
from quality_platform.ingestion.collect import collect_all
from quality_platform.ingestion.sources import context
from quality_platform.model.configuration import EventSource, LogSource, ProjectConfig, QualityConfig
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake


def configuration(log: str, events: str) -> QualityConfig:
    project = ProjectConfig(id="shop", logs=(LogSource(paths=(log,)),), events=(EventSource(paths=(events,)),))
    return QualityConfig(projects=(project,))


def collect_once(lake: Lake, settings: Settings, config: QualityConfig) -> int:
    """Rows and refusals that were stored."""
    pairs = [(collector, task) for collector in (LOGS, EVENTS) for task in collector.find(config)]
    collected = collect_all(lake, pairs, context(settings, lake), run_id=None)
    assert collected.failures == {}
    return len(collected.batches)


def main() -> None:
    settings, config = Settings(), configuration(*sys.argv[1:3])
    lake = Lake(settings)
    while True:
        if not collect_once(lake, settings, config):
            time.sleep(0.05)


if __name__ == "__main__":
    main()
