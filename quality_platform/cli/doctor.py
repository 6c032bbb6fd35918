"""`doctor`: in plain words, what works here and what is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin
from quality_platform.errors import QualityPlatformError

if TYPE_CHECKING:
    from quality_platform.settings import Settings

EXAMPLE = "quality-platform doctor"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    detail: str


def command(json_output: Json = False) -> None:
    """Look at everything the platform needs. Exit code 1 when something is missing."""
    settings = begin("doctor")
    findings = list(examine(settings))
    if json_output:
        output.as_json([{"what": f.what, "ok": f.ok, "detail": f.detail} for f in findings])
    else:
        rows = [[("✓ ok", "good") if f.ok else ("✗ look", "error"), f.what, f.detail] for f in findings]
        output.table("What the platform needs", ("", "What", "Found"), rows)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, the cheap ones first."""
    yield Finding("Python", sys.version_info >= (3, 11), sys.version.split()[0])
    for name, look in (
        ("git", _git),
        ("Room on disk", lambda: _disk(settings)),
        ("quality.yaml", lambda: _config(settings)),
        ("State", lambda: _state(settings)),
        ("Lake", lambda: _lake(settings)),
        ("Dagster's address", lambda: _port(settings.host, settings.dagster_port)),
        ("Live service", lambda: _live(settings)),
    ):
        yield _guarded(name, look)


def _guarded(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, look())
    except (QualityPlatformError, OSError, subprocess.SubprocessError) as error:
        return Finding(name, False, str(error))


def _git() -> str:
    return subprocess.run(["git", "--version"], capture_output=True, text=True, check=True, timeout=10).stdout.strip()


def _disk(settings: Settings) -> str:
    from quality_platform.cli.home import LEAST_FREE_BYTES

    place = settings.root if settings.root.exists() else settings.root.parent
    free = shutil.disk_usage(place).free
    if free < LEAST_FREE_BYTES:
        raise QualityPlatformError(f"Only {free // 1_000_000} MB are free at {place}.")
    return f"{free / 1e9:,.1f} GB free at {place}"


def _config(settings: Settings) -> str:
    from quality_platform.configuration.effective import effective
    from quality_platform.configuration.loader import path_of

    config = effective(settings)
    return f"{path_of(settings) or 'none: the platform watches itself'}; {len(config.projects)} projects"


def _state(settings: Settings) -> str:
    from quality_platform.state.database import State

    with State(settings).read():
        return "PostgreSQL" if settings.postgres_url else "SQLite"


def _lake(settings: Settings) -> str:
    from quality_platform.warehouse.lake import Lake

    lake = Lake(settings)
    batches = lake.rows("SELECT count(*) AS n FROM raw.batches")[0]["n"]
    return f"{batches:,} batches, snapshots raw {lake.snapshot_id('raw')}, marts {lake.snapshot_id('marts')}"


def _port(host: str, port: int) -> str:
    from quality_platform.cli.services import listening

    return f"http://{host}:{port} {'answers' if listening(host, port) else 'is not running (port free)'}"


def _live(settings: Settings) -> str:
    """Whether it is the live service that answers at its port, or something else that would keep it from starting."""
    from http.client import HTTPConnection, HTTPException

    from quality_platform.cli.services import listening

    host, port = settings.host, settings.api_port
    if not listening(host, port):
        return _port(host, port)
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        healthy = connection.getresponse().status == 200
    except (HTTPException, OSError):
        healthy = False
    finally:
        connection.close()
    if not healthy:
        raise QualityPlatformError(f"Something else answers at port {port} of {host}; QUALITY_PLATFORM_API_PORT.")
    return f"http://{host}:{port} answers"
