"""Running dbt in this process: no subprocess, the kept manifest, the lake's lock around it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quality_platform.errors import QualityPlatformError
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class NodeResult:
    """How one model or test ended. `failures` counts the rows that broke a test."""

    unique_id: str
    status: str
    seconds: float
    message: str
    failures: int | None

    @property
    def ok(self) -> bool:
        """Whether it did what it should."""
        return self.status in ("success", "pass", "warn")


def invoke(
    settings: Settings,
    project: Path,
    target: Path,
    arguments: list[str],
    *,
    on_node: Callable[[str], None] | None = None,
) -> tuple[NodeResult, ...]:
    """Run a dbt command on the lake of `settings`; results in the order they ended.

    Raises QualityPlatformError when dbt itself fails; a failed model or test is a result, not an error.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    target.mkdir(parents=True, exist_ok=True)
    # the plugin, which dbt builds in this process, knows the lake from the environment
    os.environ.update(settings.environment())
    runner = dbtRunner(manifest=_manifest(target), callbacks=[_watch(on_node)] if on_node else [])
    with Lake(settings).holding("marts", f"dbt {arguments[0]}"):
        try:
            answer = runner.invoke([*arguments, *_options(project, target)])
        finally:
            # dbt-duckdb keeps it for the life of the process otherwise, memory and all
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if answer.exception is not None:
        raise QualityPlatformError(f"dbt {arguments[0]} failed: {answer.exception}") from answer.exception
    return tuple(_result(result) for result in getattr(answer.result, "results", None) or ())


def _options(project: Path, target: Path) -> list[str]:
    return [
        "--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(target),
        "--log-path", str(target), "--log-level", "none", "--no-use-colors", "--no-version-check",
        "--no-print",
    ]  # fmt: skip


def _manifest(target: Path) -> Any:
    """dbt's own form of the kept manifest, so that it does not parse again."""
    path = target / "partial_parse.msgpack"
    if not (path.is_file() and (target / "manifest.json").is_file()):
        return None
    from dbt.contracts.graph.manifest import Manifest

    manifest = Manifest.from_msgpack(path.read_bytes())
    manifest.build_flat_graph()  # type: ignore[no-untyped-call]
    return manifest


def _watch(on_node: Callable[[str], None]) -> Callable[[Any], None]:
    def listen(event: Any) -> None:
        if event.info.name in ("LogModelResult", "LogTestResult"):
            on_node(event.data.node_info.node_name)

    return listen


def _result(result: Any) -> NodeResult:
    return NodeResult(
        unique_id=result.node.unique_id,
        status=str(result.status),
        seconds=float(result.execution_time),
        message=str(result.message or ""),
        failures=result.failures,
    )
