"""dbt on the lake of a test, in this process, as the platform runs it. The project is parsed once for all tests.

Belongs here: parsing, running, the lake with its models built. Does not belong here: rows (`synthetic.py`, `traffic.py`).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from quality_platform.assessment.catalogue import write_catalogue
from quality_platform.defs.dbt import project
from quality_platform.defs.dbt.runner import NodeResult, invoke
from quality_platform.model.configuration import QualityConfig
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data import synthetic, traffic

_TARGET = TemporaryDirectory(prefix="qp-dbt-")
TARGET = Path(_TARGET.name)


def parsed(settings: Settings) -> Path:
    """The target folder of `settings`, with the project parsed into it."""
    with _own_environment():
        project.manifest(settings)
    return project.target(settings)


def take_parsed(parsed_models: Path, target: Path = TARGET) -> None:
    """Put the parsed project into `target`, where dbt finds it as it would find what it had parsed there."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("partial_parse.msgpack", "manifest.json"):
        shutil.copy(parsed_models / name, target)


def new_lake(settings: Settings) -> Lake:
    """A lake with the tables of the contracts and what the installed version knows, otherwise empty."""
    lake = Lake(settings)
    lake.set_up()
    write_catalogue(lake, QualityConfig())
    return lake


def dbt(lake: Lake, *arguments: str, other: Path | None = None) -> tuple[NodeResult, ...]:
    """Run dbt on the project or on an `other`; whatever fails, fails the test with dbt's own words."""
    target = TARGET if other is None else other / "target"
    with _own_environment():
        results = invoke(lake.settings, other or project.folder(), target, list(arguments))
    failed = [(result.unique_id, result.message) for result in results if not result.ok]
    assert not failed, failed  # pytest explains the tests' own assertions only
    return results


def build_sample(settings: Settings) -> None:
    """Fill a lake with every kind of source and build its models."""
    lake = new_lake(settings)
    synthetic.store(lake, synthetic.repository(12, 30), collector="repository", head="c11")
    for covered in (80, 60):
        synthetic.store(lake, {"code_coverage": synthetic.coverage("c11", 20, covered=covered)}, n=covered)
    synthetic.store(lake, {"metric_samples": synthetic.samples(3, 2, 600)}, collector="system")
    synthetic.store(lake, {"error_events": synthetic.errors(300, 7)}, collector="logs")
    synthetic.store(lake, {"usage_events": synthetic.usage(250, 12)}, collector="events")
    day = synthetic.instant("2026-06-28 00:00")
    live = {"request_samples": traffic.calls(day, 6, 300), "sessions": traffic.sessions(day, 2, 50)}
    synthetic.store(lake, live | {"metric_samples": traffic.probes(day, 6, "web")}, collector="live")
    dbt(lake, "run")
    lake.close()


def manifest() -> dict[str, Any]:
    """The parsed project. Run dbt first."""
    return dict(json.loads((TARGET / "manifest.json").read_text()))


@contextmanager
def _own_environment() -> Iterator[None]:
    """dbt keeps one connection for a process and the runner tells it its lake by the environment; tests have many."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    before = dict(os.environ)
    DuckDBConnectionManager.close_all_connections()
    try:
        yield
    finally:
        DuckDBConnectionManager.close_all_connections()
        os.environ.clear()
        os.environ.update(before)
