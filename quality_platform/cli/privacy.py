"""`privacy`: what is kept about a person, handed out or erased."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, actor, begin

if TYPE_CHECKING:
    from quality_platform.privacy.person import Person
    from quality_platform.settings import Settings
    from quality_platform.warehouse.lake import Lake

app = typer.Typer(help="What is kept about a person: hand it out, or erase it.", no_args_is_help=True)

User = Annotated[str, typer.Argument(help="Identifier of the person, as the application sends it.")]
Project = Annotated[str | None, typer.Option("--project", help="Only in this project; by default in all.")]


def _found(settings: Settings, lake: Lake, user: str, project: str | None) -> Person:
    from quality_platform.api.drain.now import drain_now
    from quality_platform.privacy.person import person

    drain_now(settings, lake)
    return person(lake, settings.secret, user, project)


@app.command("export", epilog="Example: `quality-platform privacy export user-17 > user-17.jsonl`")
def export(user: User, project: Project = None) -> None:
    """Print every row about USER, one JSON object a line."""
    settings = begin("privacy export")
    import orjson

    from quality_platform.cli.home import prepare_state
    from quality_platform.privacy.export import export as rows
    from quality_platform.warehouse.lake import Lake

    lake, state = Lake(settings), prepare_state(settings)
    for row in rows(lake, state, _found(settings, lake, user, project), datetime.now(UTC), actor=actor()):
        sys.stdout.write(orjson.dumps(row, default=str).decode() + "\n")


@app.command("erase", epilog="Example: `quality-platform privacy erase user-17 --project shop --yes`")
def erase(
    user: User,
    project: Project = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json_output: Json = False,
) -> None:
    """Erase every row about USER, for ever: from all tables, their files and their history."""
    settings = begin("privacy erase")
    from quality_platform.cli.home import prepare_state
    from quality_platform.privacy.erase import erase as remove
    from quality_platform.privacy.export import counts
    from quality_platform.spool.aside import paths
    from quality_platform.warehouse.lake import Lake

    lake, state = Lake(settings), prepare_state(settings)
    somebody = _found(settings, lake, user, project)
    if not yes:
        _ask(counts(lake, somebody))
    removed = remove(lake, state, somebody, datetime.now(UTC), actor=actor())
    sealed = len(paths(settings))
    if json_output:
        output.as_json({"removed": removed, "kept_aside": sealed})
        return
    output.table("Erased", ("Table", "Rows"), [[table, count] for table, count in removed.items()], empty="No row.")
    output.console().print(
        "[dim]Marts that only count people change with the next run. What this user does from now on is stored "
        "anew.[/dim]"
    )
    if sealed:
        output.console().print(
            f"[yellow]Not searched: {sealed} requests that could not be stored and lie sealed in the spool.[/yellow] "
            "`quality-platform spool aside --drop` deletes them."
        )


def _ask(found: Mapping[str, int]) -> None:
    """Let a person confirm. Raises UsageError where there is none to ask."""
    from quality_platform.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError("Erasing cannot be undone.", hint="Say that you mean it with --yes.")
    output.table("To be erased", ("Table", "Rows"), [[table, count] for table, count in found.items()], empty="No row.")
    typer.confirm("Erase for ever, with the history of the lake's snapshots?", abort=True)
