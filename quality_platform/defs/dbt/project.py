"""Where the dbt project is, and its manifest: parsed once per content of the project, then kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from quality_platform.defs.dbt.runner import invoke
from quality_platform.errors import QualityPlatformError
from quality_platform.settings import Settings

SOURCES = (".sql", ".yml", ".yaml", ".csv")


def folder() -> Path:
    """The dbt project: inside the package when it came from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    for candidate in (package / "dbt_models", package.parent / "dbt_models"):
        if (candidate / "dbt_project.yml").is_file():
            return candidate
    raise QualityPlatformError("The dbt models are missing from this installation.", hint="Install it again.")


def target(settings: Settings) -> Path:
    """dbt's target folder for the present content of the project and version of dbt."""
    return settings.dbt_dir / _fingerprint(folder())


def manifest(settings: Settings) -> Mapping[str, Any]:
    """The parsed project. The first call for a content takes some seconds, the others read a file."""
    path = target(settings) / "manifest.json"
    if not path.is_file():
        invoke(settings, folder(), target(settings), ["parse"])
    return _read(path)


@lru_cache(maxsize=2)
def _read(path: Path) -> Mapping[str, Any]:
    return dict(json.loads(path.read_text()))


def _fingerprint(project: Path) -> str:
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-duckdb')}".encode())
    for path in _files(project):
        digest.update(str(path.relative_to(project)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _files(project: Path) -> Iterator[Path]:
    kept = (path for path in project.rglob("*") if path.suffix in SOURCES and path.is_file())
    return iter(sorted(path for path in kept if "target" not in path.parts))
