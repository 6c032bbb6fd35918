"""`check`: is `quality.yaml` right? With line numbers where it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin
from quality_platform.errors import UsageError

EXAMPLE = "quality-platform check quality.yaml"


def command(
    path: Annotated[Path | None, typer.Argument(help="The file; by default the one in force.")] = None,
    json_output: Json = False,
) -> None:
    """Validate quality.yaml. Exit code 2 when something is wrong."""
    from quality_platform.configuration import loader

    settings = begin("check")
    found = path or loader.path_of(settings)
    if found is None:
        raise UsageError("There is no quality.yaml here.", hint="`quality-platform init` writes an example.")
    config, problems = loader.read(found)
    if json_output:
        entries = [{"line": p.line, "field": p.field, "message": p.message} for p in problems]
        output.as_json({"file": str(found), "problems": entries})
    elif problems:
        for problem in problems:
            output.console().print(f"[red]✗[/red] {found}, ", end="")
            output.console().print(str(problem), markup=False)
    else:
        rules = "the built-in rules" if config.rules is None else f"{len(config.rules)} rules"
        output.console().print(
            f"[green]✓[/green] {found}: {len(config.projects)} projects, {rules}, {len(config.channels)} channels."
        )
    if problems:
        raise typer.Exit(2)
