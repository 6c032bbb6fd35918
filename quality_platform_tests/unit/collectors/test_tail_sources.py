"""From the paths of a configuration to one source per file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from quality_platform.collectors.logs import COLLECTOR
from quality_platform.collectors.tail import sources as sources_module
from quality_platform.collectors.tail.sources import path_of
from quality_platform.errors import ConfigurationError
from quality_platform.model.configuration import LogSource, ProjectConfig, QualityConfig

Config = Callable[..., QualityConfig]


def found(config: QualityConfig, root: Path) -> list[str]:
    return [os.path.relpath(path_of(task), root) for task in COLLECTOR.find(config)]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for name in (
        "a.log",
        "b.log",
        "b.log.1",
        "b.log.2.gz",
        "c.log.7",
        "deep/x/d.log",
        "b.2026-01-02.log",
        "w-1.log",
        "w-2.log",
        ".hidden.log",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")
    return tmp_path


def test_globs_give_files_without_their_rotations(logs: Path, log_config: Config) -> None:
    assert found(log_config(logs / "*.log*"), logs) == ["a.log", "b.log", "c.log.7", "w-1.log", "w-2.log"]
    assert found(log_config(logs / "**" / "*.log"), logs) == ["a.log", "b.log", "deep/x/d.log", "w-1.log", "w-2.log"]


def test_identity_and_title_name_project_and_path(logs: Path, log_config: Config) -> None:
    (task,) = COLLECTOR.find(log_config(logs / "a.log"))
    assert task.source.source_id == f"log:shop:{logs}/a.log"
    assert (task.source.kind, task.source.project, task.source.title) == ("log", "shop", f"Log file {logs}/a.log")


def test_a_file_that_several_paths_name_is_one_source(logs: Path, log_config: Config) -> None:
    assert found(log_config(logs / "a.log", logs / "a*", logs / "deep" / ".." / "a.log"), logs) == ["a.log"]


def test_links_to_one_file_are_one_source(logs: Path, log_config: Config) -> None:
    (logs / "current.log").symlink_to(logs / "a.log")
    (logs / "latest.log").symlink_to(logs / "deep" / "x" / "d.log")
    (logs / "newest.log").symlink_to(logs / "deep" / "x" / "d.log")
    assert found(log_config(logs / "*.log"), logs) == ["a.log", "b.log", "latest.log", "w-1.log", "w-2.log"]


def test_a_glob_passes_over_what_is_no_file_but_a_name_does_not(logs: Path, log_config: Config) -> None:
    os.mkfifo(logs / "pipe.log")
    (logs / "folder.log").mkdir()
    assert found(log_config(logs / "[fp]*.log"), logs) == []
    assert found(log_config(logs / "pipe.log"), logs) == ["pipe.log"]


def test_what_does_not_exist_yet_is_no_source(logs: Path, log_config: Config) -> None:
    assert found(log_config(logs / "later.log", logs / "later" / "*.log"), logs) == []


def test_a_relative_path_and_a_home_are_made_absolute(
    logs: Path, log_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(logs)
    monkeypatch.setenv("HOME", str(logs))
    assert found(log_config("a.log", "~/b.log"), logs) == ["a.log", "b.log"]


@pytest.mark.parametrize("status", ["paused", "archived"])
def test_a_project_that_is_not_active_has_no_sources(logs: Path, status: str) -> None:
    section = LogSource(paths=(str(logs / "a.log"),))
    config = QualityConfig(projects=(ProjectConfig(id="p", status=status, logs=(section,)),))  # type: ignore[arg-type]
    assert COLLECTOR.find(config) == ()


def test_a_file_of_two_projects_is_two_sources(logs: Path) -> None:
    section = LogSource(paths=(str(logs / "a.log"),))
    config = QualityConfig(projects=tuple(ProjectConfig(id=name, logs=(section,)) for name in ("p", "q")))
    assert [task.source.source_id for task in COLLECTOR.find(config)] == [f"log:p:{logs}/a.log", f"log:q:{logs}/a.log"]


def test_a_pattern_that_matches_too_much_is_an_error(
    logs: Path, log_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources_module, "MATCH_LIMIT", 2)
    with pytest.raises(ConfigurationError, match=r"matches more than 2 files. Name a narrower pattern"):
        COLLECTOR.find(log_config(logs / "**"))


def test_a_name_that_is_no_text_is_passed_over(logs: Path, log_config: Config) -> None:
    (logs / os.fsdecode(b"bad\xff.log")).write_text("x\n")
    (logs / "new\nline.log").write_text("x\n")
    assert found(log_config(logs / "[bn]*.log"), logs) == ["b.log"]
