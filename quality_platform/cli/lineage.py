"""`lineage`: the way from one value of a metric to its model, raw rows, batch, run and source."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin

if TYPE_CHECKING:
    from quality_platform.lineage.steps import Node

EXAMPLE = "quality-platform lineage code.maintainability_index --project my-project"
KIND_STYLE = {
    "value": "bold", "file": "bold", "model": "cyan", "raw rows": "green", "batch": "yellow", "source": "magenta",
}  # fmt: skip


def command(
    metric: Annotated[str, typer.Argument(help="Metric, by name or alias.")],
    project: Annotated[str | None, typer.Option("--project", help="Only this project.")] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="Only this subject.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="The newest value not later than this (ISO 8601).")] = None,
    path: Annotated[
        str | None, typer.Option("--path", help="Only what the file at this path has in it, and who changed it.")
    ] = None,
    json_output: Json = False,
) -> None:
    """Print where a value came from, as a tree."""
    settings = begin("lineage")
    from quality_platform.warehouse.lake import Lake

    if path is None:
        from quality_platform.lineage.walk import walk

        tree = walk(Lake(settings), metric, project=project, subject=subject, at=_instant(at))
    else:
        from quality_platform.lineage.files import of_file
        from quality_platform.model.metrics import CATALOGUE

        tree = of_file(Lake(settings), CATALOGUE.get(metric), project, path)
    if json_output:
        output.as_json(asdict(tree))
    else:
        _show(tree)


def _instant(text: str | None) -> datetime | None:
    from quality_platform.errors import UsageError
    from quality_platform.model.time import as_utc

    if text is None:
        return None
    try:
        return as_utc(datetime.fromisoformat(text))
    except ValueError as error:
        raise UsageError(f"--at {text!r} is no instant.", hint="Write 2026-01-31 or 2026-01-31T12:00:00Z.") from error


def _show(tree: Node) -> None:
    from rich.tree import Tree

    root = Tree(_label(tree))
    _grow(root, tree)
    output.console().print(root, soft_wrap=False)


def _grow(branch: Any, node: Node) -> None:
    for child in node.children:
        _grow(branch.add(_label(child)), child)


def _label(node: Node) -> Any:
    from rich.text import Text

    label = Text(overflow="fold")
    label.append(f"{node.kind}  ", style="dim")
    label.append(node.name, style=KIND_STYLE.get(node.kind, ""))
    facts = {key: value for key, value in node.facts.items() if value not in (None, "", "{}")}
    if facts:
        label.append("  " + ", ".join(f"{key} {_fact(value)}" for key, value in facts.items()), style="dim")
    return label


def _fact(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)
