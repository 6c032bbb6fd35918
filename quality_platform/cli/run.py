"""`run`: one run of a job here and now, with its steps on the terminal."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext, redirect_stdout
from typing import Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin

EXAMPLE = "quality-platform run --full"


def command(
    full: Annotated[bool, typer.Option("--full", help="Check everything and write the report as well.")] = False,
    alone: Annotated[bool, typer.Option("--alone", hidden=True, help="No daemon works on this home.")] = False,
    json_output: Json = False,
) -> None:
    """Bring everything up to date: collect, transform, judge."""
    settings = begin("run", full=full)
    from quality_platform.cli.home import environment, prepare

    prepare(settings)
    os.environ.update(environment(settings))
    from quality_platform.cli.ending import prompt
    from quality_platform.defs.execute import execute

    # what a console channel says meanwhile is for people
    with prompt(), redirect_stdout(sys.stderr) if json_output else nullcontext():
        ran = execute(settings, "full" if full else "refresh", alone=alone)
    if json_output:
        output.as_json(
            {"run_id": ran.run_id, "success": ran.success, "materialised": ran.materialised,
             "failed_steps": ran.failed_steps, "failed_checks": ran.failed_checks}
        )  # fmt: skip
    else:
        _tell(ran.success, ran.materialised, ran.failed_checks, ran.run_id)
    if not ran.success:
        raise typer.Exit(1)


def _tell(success: bool, materialised: int, failed_checks: tuple[str, ...], run_id: str) -> None:
    out = output.console()
    sign = "[green]✓[/green]" if success else "[red]✗[/red]"
    out.print(f"{sign} {materialised} assets brought up to date (run {run_id[:8]})")
    for name in failed_checks:
        out.print("[yellow]! check failed:[/yellow] ", end="")
        out.print(name, markup=False)
