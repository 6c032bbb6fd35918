"""The commented example that `quality-platform init` writes, and the JSON schema for editors."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from quality_platform.errors import UsageError
from quality_platform.model.configuration import QualityConfig


def example() -> str:
    """The commented `quality.yaml`."""
    return (files("quality_platform.configuration") / "quality.example.yaml").read_text(encoding="utf-8")


def write_example(path: Path) -> None:
    """Write the example to `path`; UsageError when something is there already."""
    if path.exists():
        raise UsageError(f"{path} is there already.", hint="Edit it, or move it away first.")
    path.write_text(example(), encoding="utf-8")


def json_schema() -> str:
    """JSON schema of `quality.yaml`, for editors."""
    return json.dumps(QualityConfig.model_json_schema(), indent=2)
