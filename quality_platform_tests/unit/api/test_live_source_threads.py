"""The threads that read sources: one that fails is tried again and stops no other; what was stored is handed on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quality_platform.api.drain import sources as module
from quality_platform.api.drain.sources import Sources
from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.model.batch import Batch
from quality_platform.settings import Settings
from quality_platform.warehouse import locks
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data import waiting


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "quality.yaml").write_text(
        "projects:\n  - id: shop\n    access_logs: [{paths: ['*.txt']}]\n    probes: [{name: p, process: x}]\n"
    )
    return Settings(home=tmp_path / "home", config=tmp_path / "quality.yaml", lock_timeout_seconds=0.2)


@pytest.fixture
def lake(settings: Settings) -> Iterator[Lake]:
    lake = Lake(settings)
    lake.set_up()
    yield lake
    lake.close()


@pytest.fixture
def reading(settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sources]:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(module, "FIND_SECONDS", 0.1)
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.3)
    sources = Sources(settings, lake, WatchedConfiguration(settings))
    yield sources
    sources.close()
    sources._thread.join(waiting.WAIT_SECONDS)
    sources._pool.shutdown(wait=True)


def line(number: int) -> str:
    return f'192.0.2.1 - - [17/May/2026:10:05:03 +0000] "GET /{number} HTTP/1.1" 200 12\n'


def until(sources: Sources, wanted: Callable[[list[Batch]], bool]) -> list[Batch]:
    found: list[Batch] = []

    def met() -> bool:
        found.extend(sources.finished())
        return wanted(found)

    waiting.until(met, lambda: found)
    return found


def of(source: str) -> Callable[[list[Batch]], bool]:
    return lambda found: any(batch.source.source_id.startswith(source) for batch in found)


def test_what_was_stored_is_handed_on_once_it_is_in_the_lake(reading: Sources, lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(line(1))
    assert reading.wanted
    reading.start()
    found = until(reading, lambda found: of("access_log")(found) and of("probes")(found))
    assert {row["batch_id"] for row in lake.rows("SELECT batch_id FROM raw.batches")} >= {b.batch_id for b in found}
    assert reading.finished() == []


def test_a_source_that_is_busy_is_tried_again_and_the_others_go_on(
    reading: Sources, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.txt").write_text(line(1))
    with (
        locks.hold(settings, f"source access_log:shop:{tmp_path}/a.txt", "test"),
        caplog.at_level(logging.WARNING, "quality_platform"),
    ):
        reading.start()
        until(reading, of("probes"))
        (tmp_path / "b.txt").write_text(line(2))
        found = until(reading, of(f"access_log:shop:{tmp_path}/b.txt"))
        assert not of(f"access_log:shop:{tmp_path}/a.txt")(found)
        waiting.until(lambda: any("a.txt" in record.getMessage() for record in list(caplog.records)))
    until(reading, of(f"access_log:shop:{tmp_path}/a.txt"))


def test_reading_waits_for_a_follower_that_is_slow_and_loses_nothing(
    reading: Sources, lake: Lake, tmp_path: Path
) -> None:
    for number in range(12):
        (tmp_path / f"{number}.txt").write_text(line(number))
    reading.start()
    time.sleep(1.5)
    assert reading._stored.qsize() <= module.MOST_WAITING
    found = until(reading, lambda found: len({batch.source.source_id for batch in found}) == 13)
    assert len({batch.batch_id for batch in found}) == len(found)
    assert lake.rows("SELECT count(*) AS n FROM raw.request_samples") == [{"n": 12}]
