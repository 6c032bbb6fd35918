"""`sbom`: what a repository is made of, as a document that other tools read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from quality_platform.cli import output
from quality_platform.cli.session import begin

if TYPE_CHECKING:
    from datetime import datetime

EXAMPLE = "quality-platform sbom . --output sbom.json"
Format = Literal["json", "xml"]


def command(
    repository: Annotated[str, typer.Argument(help="Path or URL of a git repository; its HEAD is read.")] = ".",
    form: Annotated[Format, typer.Option("--format", help="Form of what is written.")] = "json",
    to: Annotated[Path | None, typer.Option("--output", help="File to write it to; default standard output.")] = None,
) -> None:
    """Write a bill of materials (CycloneDX 1.6) of the packages that manifests and locks of HEAD name.

    Nothing is stored, and nothing of the repository is run.
    """
    begin("sbom")
    from quality_platform.reports.bill_of_materials import document

    name, commit, at, named = _named(repository)
    text = document(name, commit, at, named, form)
    if to is None:
        typer.echo(text)
        return
    to.write_text(text, "utf-8")
    output.console().print(f"{len(named):,} entries of manifests and locks of {name} at {commit[:10]} → {to}")


def _named(repository: str) -> tuple[str, str, datetime, list[dict[str, Any]]]:
    """The repository's name, HEAD, its date, and the rows of its manifests with their paths."""
    from datetime import UTC, datetime
    from tempfile import TemporaryDirectory

    from quality_platform.analysis.dependencies.read import format_of
    from quality_platform.cli.scan import bar
    from quality_platform.collectors.repository.clone import refresh
    from quality_platform.collectors.repository.dependencies import dependencies
    from quality_platform.collectors.repository.limits import Limits
    from quality_platform.collectors.repository.location import locate
    from quality_platform.collectors.repository.remote import read_head
    from quality_platform.collectors.repository.survey import survey
    from quality_platform.configuration.effective import project_id

    with TemporaryDirectory(prefix="sbom-") as folder, bar(quiet=False) as progress:
        progress("fetching commits", 0, 0)
        location = locate(repository)
        clone = refresh(location, read_head(location), Path(folder, "clone.git"))
        found = survey(clone, 1, frozenset(), Limits(), again=False)
        paths = {blob: path for path, blob in sorted(found.head_files.items(), reverse=True) if format_of(path)}
        tables, _ = dependencies(clone, paths, Limits())
        seconds = int(clone.run("log", "-1", "--format=%ct", clone.head).decode().strip())
    rows = [{**row, "path": paths[row["blob_id"]]} for row in tables["code_dependencies"].to_pylist()]
    return project_id(location.shown), clone.head, datetime.fromtimestamp(seconds, UTC), rows
