"""The configuration of a process that runs for long: read again when it changes, kept while it is wrong."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from quality_platform.api.ingest.limits import ConfiguredLimits
from quality_platform.configuration.effective import SELF
from quality_platform.configuration.live import has_live_sources
from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.settings import Settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "quality.yaml"


@pytest.fixture
def watched(tmp_path: Path, path: Path) -> WatchedConfiguration:
    return WatchedConfiguration(Settings(home=tmp_path / "home", config=path), look_seconds=0.0)


def ids(watched: WatchedConfiguration) -> list[str]:
    return [project.id for project in watched.current.projects]


def test_a_change_counts_and_no_change_gives_the_same_object(watched: WatchedConfiguration, path: Path) -> None:
    path.write_text("projects: [{id: a}]\n")
    assert ids(watched) == ["a", SELF]
    assert watched.current is watched.current
    path.write_text("projects: [{id: a}, {id: b}]\n")
    assert ids(watched) == ["a", "b", SELF]


def test_a_file_that_cannot_be_used_changes_nothing_and_is_said_once(
    watched: WatchedConfiguration, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text("projects: [{id: a}]\n")
    assert ids(watched) == ["a", SELF]
    path.write_text("projects: [{id: a}\n")
    with caplog.at_level(logging.WARNING, "quality_platform"):
        assert ids(watched) == ids(watched) == ["a", SELF]
    assert len(caplog.records) == 1
    path.write_text("projects: [{id: b}]\n")
    assert ids(watched) == ["b", SELF]


def test_without_a_usable_file_from_the_start_there_is_nothing(watched: WatchedConfiguration, path: Path) -> None:
    assert ids(watched) == []
    path.write_text("projects: [{id: a}]\n")
    assert ids(watched) == ["a", SELF]


def test_between_two_looks_the_file_is_left_alone(tmp_path: Path, path: Path) -> None:
    path.write_text("projects: [{id: a}]\n")
    watched = WatchedConfiguration(Settings(home=tmp_path / "home", config=path), look_seconds=3600.0)
    assert ids(watched) == ["a", SELF]
    path.write_text("projects: [{id: b}]\n")
    assert ids(watched) == ["a", SELF]


def test_limits_follow_the_file(watched: WatchedConfiguration, path: Path) -> None:
    limits = ConfiguredLimits(watched)
    path.write_text("projects: [{id: a, quota: {total: 5, log: 0}}, {id: b}]\n")
    assert (limits("a"), limits("b"), limits("unknown")) == ({"total": 5, "log": 0}, {}, {})
    path.write_text("projects: [{id: a}, {id: b, quota: {error: 1}}]\n")
    assert (limits("a"), limits("b")) == ({}, {"error": 1})


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        ("id: a", False),
        ("id: a, repository: {url: .}", False),
        ("id: a, logs: [{paths: [a.log]}]", True),
        ("id: a, events: [{paths: [a.jsonl]}]", True),
        ("id: a, access_logs: [{paths: [a.log]}]", True),
        ("id: a, probes: [{name: p, process: x}]", True),
        ("id: a, scrape: [{name: s, url: 'http://h/'}]", True),
        ("id: a, status: paused, probes: [{name: p, process: x}]", False),
        (f"id: {SELF}, logs: [{{paths: [a.log]}}]", False),
        (f"id: {SELF}, probes: [{{name: p, process: x}}]", True),
    ],
)
def test_what_is_read_live(watched: WatchedConfiguration, path: Path, project: str, expected: bool) -> None:
    path.write_text(f"projects: [{{{project}}}]\n")
    assert has_live_sources(watched.current) is expected
