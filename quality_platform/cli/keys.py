"""`keys`: project keys, which applications send with."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin

app = typer.Typer(help="Project keys: make one, see them, revoke one.", no_args_is_help=True)


@app.command("create", epilog="Example: `quality-platform keys create shop`")
def create(
    project: Annotated[str, typer.Argument(help="Project that the key sends to.")],
    label: Annotated[str | None, typer.Option("--label", help="What it is for.")] = None,
    json_output: Json = False,
) -> None:
    """Make a key for PROJECT and print what to put into each client. The key is shown this once."""
    settings = begin("keys create")
    from quality_platform.access import keys, snippets
    from quality_platform.cli.home import prepare_state

    new = keys.create(prepare_state(settings), project, datetime.now(UTC), actor=getpass.getuser(), label=label)
    base = settings.public_url or f"http://{settings.host}:{settings.api_port}"
    found = snippets.settings_of(new, base.rstrip("/"))
    if json_output:
        output.as_json(found)
        return
    out = output.console()
    out.print(f"[bold]{project}[/bold]  {new.key}  [dim](shown this once)[/dim]")
    out.print(f"Sentry DSN  {found['sentry_dsn']}")
