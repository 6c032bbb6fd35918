"""`init`: a commented `quality.yaml` to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin
from quality_platform.configuration import FILE_NAME

EXAMPLE = "quality-platform init"


def command(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path(FILE_NAME),
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema for editors instead.")] = False,
    json_output: Json = False,
) -> None:
    """Write a commented quality.yaml; everything in it is optional."""
    from quality_platform.configuration import template

    begin("init")
    if schema:
        print(template.json_schema())  # noqa: T201
        return
    template.write_example(path)
    if json_output:
        output.as_json({"written": str(path)})
    else:
        output.console().print(f"Wrote {path}. Edit it, then: quality-platform check")
