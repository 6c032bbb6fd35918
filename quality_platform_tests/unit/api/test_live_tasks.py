"""When the live service reads a source: a file that grew and its settled end, what is due, never the platform's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quality_platform.api.drain.live_tasks import MARGIN, Watch, live_tasks
from quality_platform.collectors.contract import Context
from quality_platform.collectors.tail import sources as tail_sources
from quality_platform.collectors.tail.reading import LINE_SETTLES, RECORD_SETTLES
from quality_platform.configuration.effective import effective
from quality_platform.ingestion.sources import collector
from quality_platform.model.batch import ANY
from quality_platform.model.configuration import LogSource, ProjectConfig, QualityConfig
from quality_platform.model.live_sources import Probe
from quality_platform.settings import Settings

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Past:
    """A history with one cursor."""

    def __init__(self, cursor: dict[str, object] | None = None) -> None:
        self._cursor = cursor

    def cursor(self, source_id: str) -> dict[str, object] | None:
        return self._cursor

    def known(self, table: str, column: str, project: str, where: Mapping[str, str] = ANY) -> frozenset[str]:
        return frozenset()


def context(cursor: dict[str, object] | None = None, now: datetime = NOW) -> Context:
    return Context(Past(cursor), now, b"secret", Path())


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text("one\n")
    return path


@pytest.fixture
def watch(log: Path) -> Watch:
    logs = collector("logs")
    config = QualityConfig(projects=(ProjectConfig(id="shop", logs=(LogSource(paths=(str(log),)),)),))
    return Watch(logs, logs.find(config)[0])


def test_a_file_is_read_at_first_then_when_it_grew_and_when_its_end_has_settled(watch: Watch, log: Path) -> None:
    assert watch.is_due(100.0, context())
    assert not watch.is_due(101.0, context())
    with log.open("a") as file:
        file.write("two\n")
    assert watch.is_due(102.0, context())
    due = [at for at in range(103, 200) if watch.is_due(float(at), context())]
    assert due == [round(102 + settles + MARGIN + 0.5) for settles in (RECORD_SETTLES, LINE_SETTLES)]


def test_a_file_that_failed_is_read_again_although_it_did_not_change(watch: Watch) -> None:
    assert watch.is_due(100.0, context())
    watch.retry(110.0)
    assert not watch.is_due(101.0, context())
    assert watch.is_due(110.0, context())


def test_a_file_that_is_gone_waits(watch: Watch, log: Path) -> None:
    assert watch.is_due(100.0, context())
    log.unlink()
    assert not watch.is_due(101.0, context())
    log.write_text("again\n")
    assert watch.is_due(102.0, context())


def test_a_probe_is_due_on_its_interval(tmp_path: Path) -> None:
    probes = collector("probes")
    config = QualityConfig(projects=(ProjectConfig(id="shop", probes=(Probe(name="p", process="x"),)),))
    watch = Watch(probes, probes.find(config)[0])
    assert watch.is_due(100.0, context())  # at the start the lake knows whether it is due
    cursor: dict[str, object] = {"at": {"p": int(NOW.timestamp() * 1e6)}}
    assert not watch.is_due(101.0, context(cursor, NOW + timedelta(seconds=10)))
    assert watch.is_due(130.0, context(cursor, NOW + timedelta(seconds=30)))
    watch.retry(140.0)
    assert not watch.is_due(131.0, context(cursor, NOW + timedelta(seconds=31)))
    assert watch.is_due(140.0, context(cursor, NOW + timedelta(seconds=40)))


def test_the_platforms_own_files_repositories_and_the_host_are_left_to_dagster(tmp_path: Path, log: Path) -> None:
    path = tmp_path / "quality.yaml"
    path.write_text(
        "projects:\n  - id: shop\n    repository: {url: .}\n    logs: [{paths: [app.log]}]\n"
        "    probes: [{name: p, process: x}]\n    scrape: [{name: s, url: 'http://h/'}]\n"
    )
    settings = Settings(home=tmp_path / "home", config=path)
    settings.place(settings.logs_dir).joinpath("platform.jsonl").write_text("{}\n")
    wrong: list[str] = []
    found = [task.source.source_id for _, task in live_tasks(effective(settings), wrong.append)]
    assert found == [f"log:shop:{log}", "probes:shop", "scrape:shop:s"]
    assert wrong == []


def test_a_section_that_is_wrong_hides_no_other(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail_sources, "MATCH_LIMIT", 1)
    (log.parent / "other.log").write_text("")
    wide, narrow = LogSource(paths=(str(log.parent / "*.log"),)), LogSource(paths=(str(log),))
    probes = (Probe(name="p", process="x"),)
    projects = (ProjectConfig(id="wide", logs=(wide,), probes=probes), ProjectConfig(id="narrow", logs=(narrow,)))
    wrong: list[str] = []
    found = [task.source.source_id for _, task in live_tasks(QualityConfig(projects=projects), wrong.append)]
    assert found == ["probes:wide", f"log:narrow:{log}"]
    assert len(wrong) == 1
    assert wrong[0].startswith("logs of wide: ")
