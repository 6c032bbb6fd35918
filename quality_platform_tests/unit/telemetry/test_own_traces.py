"""The platform's own log and events are what its own collectors read: no names of accounts, one JSON object a line."""

from __future__ import annotations

import getpass
import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from quality_platform.settings import Settings
from quality_platform.telemetry import events, logs


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    yield Settings(home=tmp_path / "home")
    logger = logging.getLogger(logs.LOGGER)
    for handler in logger.handlers:
        handler.close()
    logger.handlers = []
    logger.propagate = True


def test_an_exception_is_one_line_with_its_traceback(settings: Settings) -> None:
    logs.configure(settings)
    logs.configure(settings)
    try:
        raise ValueError("of no use")
    except ValueError:
        logging.getLogger("quality_platform.test").exception("it failed %s", "twice")
    (path,) = settings.logs_dir.glob("*.jsonl")
    (line,) = path.read_text().splitlines()
    entry = json.loads(line)
    assert (entry["level"], entry["message"], entry["logger"]) == ("error", "it failed twice", "quality_platform.test")
    assert "ValueError: of no use" in entry["exception"]


def test_an_event_names_no_account(settings: Settings) -> None:
    events.record(settings, "scan", history=5)
    events.record(settings, "scan")
    (path,) = settings.events_dir.glob("*.jsonl")
    first, second = (json.loads(line) for line in path.read_text().splitlines())
    assert first["event"] == "scan"
    assert first["history"] == 5
    assert first["user"] == second["user"] != getpass.getuser()
    assert first["event_id"] != second["event_id"]


def test_a_home_that_cannot_be_written_fails_no_command(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    events.record(Settings(home=tmp_path / "file"), "scan")


def test_old_logs_are_forgotten(tmp_path: Path) -> None:
    for name, days in (("old.jsonl", 20), ("new.jsonl", 1)):
        (tmp_path / name).write_text("{}")
        os.utime(tmp_path / name, (time.time() - days * 86_400,) * 2)
    assert logs.forget_old(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["new.jsonl"]
