"""The registry: what the rest of the platform relies on in every collector."""

from __future__ import annotations

import pytest

from quality_platform.collectors.contract import Collector
from quality_platform.collectors.registry import COLLECTORS
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.tables import RAW_TABLES


def test_every_collector_is_there_once() -> None:
    assert [collector.name for collector in COLLECTORS] == [
        "repository", "system", "logs", "events", "access_logs", "probes", "scrape", "advisories", "sarif", "reviews",
        "forge",
    ]  # fmt: skip


@pytest.mark.parametrize("collector", COLLECTORS, ids=lambda collector: collector.name)
def test_a_collector_says_what_it_is_and_fills_known_tables(collector: Collector) -> None:
    assert collector.title
    assert collector.description.endswith(".")
    assert collector.version
    assert set(collector.tables) <= set(RAW_TABLES)
    assert collector.find(QualityConfig()) == ()
