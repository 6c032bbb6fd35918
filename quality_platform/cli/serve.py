"""`serve`: the live service alone, without Dagster."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from quality_platform.cli import home, output
from quality_platform.cli.session import begin, settings

EXAMPLE = "quality-platform serve --port 8600"


def command(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on; by default the setting.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on; by default the setting.")] = None,
) -> None:
    """Take in what applications send, bring it to the lake, judge thresholds. Ctrl-C ends it."""
    base = settings()
    here = base.model_copy(update={"home": base.root, "host": host or base.host, "api_port": port or base.api_port})
    home.require_port(here.host, here.api_port)
    home.prepare(here)
    begin("serve")
    output.console().print(f"[bold green]Live service[/bold green]  http://{here.host}:{here.api_port}")
    sys.stdout.flush()
    environment = {**os.environ, **here.environment()}
    # another program in this process: preparing opened the lake, whose 150 MB the service does not need
    os.execve(sys.executable, [sys.executable, "-m", "quality_platform.api"], environment)  # noqa: S606
