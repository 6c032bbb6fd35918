"""What tests of file and host collectors need: a lake in memory, and a way to collect into it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from quality_platform.collectors.contract import Collector, Context
from quality_platform.collectors.events import COLLECTOR as EVENTS
from quality_platform.collectors.logs import COLLECTOR as LOGS
from quality_platform.model.batch import ANY, Batch, Rejected
from quality_platform.model.configuration import EventSource, LogSource, ProjectConfig, QualityConfig
from quality_platform_tests.data.following import Follower

LONG_AGO = 1_700_000_000
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class Memory:
    """A history that keeps what a lake would: every batch once, the newest `read_from` of a source as JSON."""

    batches: list[Batch] = field(default_factory=list)
    cursors: dict[str, dict[str, Any]] = field(default_factory=dict)

    def cursor(self, source_id: str) -> dict[str, Any] | None:
        return self.cursors.get(source_id)

    def known(self, table: str, column: str, project: str, where: Mapping[str, str] = ANY) -> frozenset[str]:
        return frozenset()

    def store(self, batch: Batch) -> None:
        assert batch.batch_id not in {stored.batch_id for stored in self.batches}
        for table in batch.tables.values():
            table.validate(full=True)
        self.batches.append(batch)
        self.cursors[batch.source.source_id] = json.loads(json.dumps(batch.read_from))

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [row for batch in self.batches for table in batch.tables.values() for row in table.to_pylist()]

    @property
    def rejected(self) -> list[Rejected]:
        return [item for batch in self.batches for item in batch.rejected]

    def collect(
        self, collector: Collector, config: QualityConfig, *, now: datetime = NOW, secret: bytes = b"secret"
    ) -> list[Batch]:
        """Collects every source; the batches that it gave. `changed` must have announced them."""
        context = Context(self, now, secret, Path())
        fresh: list[Batch] = []
        for task in collector.find(config):
            announced = collector.changed(task, context)
            before = len(fresh)
            for batch in collector.collect(task, context):
                self.store(batch)
                fresh.append(batch)
            assert announced == (len(fresh) > before)
        return fresh


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture(scope="session")
def new_memory() -> type[Memory]:
    """For tests that need several, such as those that hypothesis repeats."""
    return Memory


def _project(**sections: Any) -> QualityConfig:
    return QualityConfig(projects=(ProjectConfig(id="shop", **sections),))


@pytest.fixture(scope="session")
def log_config() -> Any:
    """A function from paths and a format to a configuration."""

    def build(*paths: Path | str, form: str = "auto", **options: Any) -> QualityConfig:
        return _project(logs=(LogSource(paths=_texts(paths), format=form, **options),))  # type: ignore[arg-type]

    return build


@pytest.fixture(scope="session")
def event_config() -> Any:
    """A function from paths and options to a configuration."""

    def build(*paths: Path | str, **options: Any) -> QualityConfig:
        return _project(events=(EventSource(paths=_texts(paths), **options),))

    return build


def _texts(paths: Iterable[Path | str]) -> tuple[str, ...]:
    return tuple(str(path) for path in paths)


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times without zone are this host's."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def events_of(in_utc: None, tmp_path: Path, memory: Memory, log_config: Any) -> Any:
    """A function from a log's text and format to the events in it."""

    def read(text: str, form: str = "auto", **options: Any) -> list[dict[str, Any]]:
        path = tmp_path / "app.log"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        os.utime(path, (LONG_AGO, LONG_AGO))
        memory.collect(LOGS, log_config(path, form=form, **options))
        return memory.rows

    return read


@pytest.fixture
def usage_of(tmp_path: Path, memory: Memory, event_config: Any) -> Any:
    """A function from an event file's content and options to the events in it."""

    def read(text: str, **options: Any) -> list[dict[str, Any]]:
        path = tmp_path / "events.txt"
        path.write_text(text, newline="")
        os.utime(path, (LONG_AGO, LONG_AGO))
        memory.collect(EVENTS, event_config(path, **options))
        return memory.rows

    return read


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "app.log"


@pytest.fixture
def follow(log: Path) -> Follower:
    """Reads what is new in `log`."""
    return Follower(log)
