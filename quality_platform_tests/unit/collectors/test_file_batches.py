"""Batches of files: provenance, identity, refusals, size."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from quality_platform.collectors.events import COLLECTOR
from quality_platform.model.configuration import QualityConfig

Config = Callable[..., QualityConfig]
LONG_AGO = 1_700_000_000
EVENT = {"event_id": "e1", "event": "click", "timestamp": "2026-01-02T03:04:05Z", "user": "bob"}


def line(**changes: Any) -> str:
    return json.dumps({name: value for name, value in {**EVENT, **changes}.items() if value is not None}) + "\n"


def append(path: Path, text: str) -> None:
    with path.open("ab") as file:
        file.write(text.encode())
    os.utime(path, (LONG_AGO, LONG_AGO))


@contextmanager
def unprivileged() -> Iterator[None]:
    """Root may read everything, so the tests' user becomes nobody for a while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_the_ledger_says_what_was_read(
    usage_of: Callable[..., list[dict[str, Any]]], memory: Any, tmp_path: Path
) -> None:
    usage_of(line() + "bad\n")
    (batch,) = memory.batches
    assert (batch.collector, batch.source.kind, batch.source.source_id) == (
        "events",
        "events",
        f"events:shop:{tmp_path}/events.txt",
    )
    assert batch.read_from["path"] == os.path.realpath(tmp_path / "events.txt")
    assert (batch.read_from["from_offset"], batch.read_from["from_line"], batch.read_from["line"]) == (0, 1, 2)
    assert batch.read_from["counts"] == {"lines": 2, "clock_ahead": 0, "cut": 0}
    assert len(batch.read_from["digest"]) == 64


def test_reading_again_from_the_same_place_gives_the_same_batch(
    usage_of: Callable[..., list[dict[str, Any]]], memory: Any
) -> None:
    usage_of(line())
    (first,) = memory.batches
    memory.batches.clear()
    memory.cursors.clear()
    usage_of(line())
    assert memory.batches[0].batch_id == first.batch_id


def test_a_file_that_cannot_be_read_is_said_once_and_others_go_on(
    tmp_path: Path, memory: Any, event_config: Config
) -> None:
    good, bad = tmp_path / "b.jsonl", tmp_path / "a.jsonl"
    append(good, line())
    append(bad, "\x7fELF\0\0x\n")
    config = event_config(bad, good)
    refusal, batch = memory.collect(COLLECTOR, config)
    assert batch.row_count == 1
    assert refusal.row_count == 0
    (rejected,) = refusal.rejected
    assert (rejected.table, rejected.position) == ("usage_events", "file")
    assert rejected.reason == f"{bad} is no text in UTF-8. Convert it, or leave it out of the paths."
    assert memory.collect(COLLECTOR, config) == []
    bad.write_text(line(event_id="later"))
    assert [batch.row_count for batch in memory.collect(COLLECTOR, config)] == [1]


@pytest.mark.parametrize("mode", [0o700, 0o000])
def test_a_file_without_permission_is_refused_until_it_is_given(
    mode: int, tmp_path: Path, memory: Any, event_config: Config
) -> None:
    """Also where not even the folder may be looked into."""
    path = tmp_path / "folder" / "a.jsonl"
    path.parent.mkdir()
    append(path, line())
    config = event_config(path)
    path.chmod(0)
    path.parent.chmod(mode)
    with unprivileged():
        (batch,) = memory.collect(COLLECTOR, config)
        assert memory.collect(COLLECTOR, config) == []
    assert batch.rejected[0].reason == (
        f"{path} cannot be read: Permission denied. Give the platform's user the right to read it."
    )
    path.parent.chmod(0o700)
    path.chmod(0o600)
    assert [batch.row_count for batch in memory.collect(COLLECTOR, config)] == [1]


def test_a_file_refused_in_its_middle_goes_on_where_it_stopped(
    tmp_path: Path, memory: Any, event_config: Config
) -> None:
    path = tmp_path / "a.jsonl"
    config = event_config(path)
    append(path, line(event_id="a"))
    memory.collect(COLLECTOR, config)
    path.rename(tmp_path / "kept")
    path.mkdir()
    (refusal,) = memory.collect(COLLECTOR, config)
    assert "is no regular file" in refusal.rejected[0].reason
    path.rmdir()
    (tmp_path / "kept").rename(path)
    append(path, line(event_id="b"))
    memory.collect(COLLECTOR, config)
    assert [row["event_id"] for row in memory.rows] == ["a", "b"]


def test_a_large_file_comes_in_several_batches(tmp_path: Path, memory: Any, event_config: Config) -> None:
    path = tmp_path / "a.jsonl"
    append(path, line(event_id=None) * 60_000)
    batches = memory.collect(COLLECTOR, event_config(path))
    assert [batch.row_count for batch in batches] == [50_000, 10_000]
    assert len({row["event_id"] for row in memory.rows}) == 60_000
