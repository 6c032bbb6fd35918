"""dagster.yaml and workspace.yaml at the root are what Dagster takes, and the wheel brings the same."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from quality_platform_tests.architecture.tree import PACKAGE, ROOT, tracked

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_dagster_accepts_the_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster import DagsterInstance

    monkeypatch.chdir(tmp_path)
    (tmp_path / "dagster.yaml").write_text((ROOT / "dagster.yaml").read_text(encoding="utf-8"), encoding="utf-8")

    with DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.run_monitoring_enabled
        assert not instance.telemetry_enabled
        assert instance.storage_directory() == ".quality/dagster/storage"


def test_dagster_accepts_the_workspace() -> None:
    from dagster._core.workspace.config_schema import process_workspace_config

    content = _yaml("workspace.yaml")
    answer = process_workspace_config(content)

    assert answer.success, answer.errors
    (location,) = content["load_from"]
    module = location["python_module"]
    assert module["working_directory"] == "."
    assert module["module_name"] == PYPROJECT["tool"]["dg"]["project"]["code_location_target_module"]


def test_the_wheel_brings_the_files_of_the_root() -> None:
    """One copy in the repository, put into the wheel when it is built."""
    brought = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]

    assert brought == {name: f"quality_platform/{name}" for name in ("dbt_models", "dagster.yaml")}
    assert not [
        path for path in tracked() if path.is_relative_to(PACKAGE) and path.name in ("dagster.yaml", "workspace.yaml")
    ]


def test_the_command_line_starts_from_the_file_of_the_root() -> None:
    from quality_platform.cli import home

    assert home._packaged("dagster.yaml") == (ROOT / "dagster.yaml").read_text(encoding="utf-8")


def _yaml(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
