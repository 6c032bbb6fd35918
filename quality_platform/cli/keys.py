"""`keys`: project keys, which applications send with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, actor, begin

if TYPE_CHECKING:
    from quality_platform.access.clients import Client
    from quality_platform.access.keys import NewKey

app = typer.Typer(help="Project keys: make one, see them, revoke one.", no_args_is_help=True)


@app.command("create", epilog="Example: `quality-platform keys create shop --client sentry-python`")
def create(
    project: Annotated[str, typer.Argument(help="Project that the key sends to.")],
    label: Annotated[str | None, typer.Option("--label", help="What it is for.")] = None,
    client: Annotated[str | None, typer.Option("--client", help="Print the lines of this client alone.")] = None,
    json_output: Json = False,
) -> None:
    """Make a key for PROJECT and print what to put into each client. The key is shown this once."""
    settings = begin("keys create")
    from quality_platform.access import keys, snippets
    from quality_platform.cli.home import prepare_state

    wanted = snippets.known(client, settings) if client else None
    new = keys.create(prepare_state(settings), project, datetime.now(UTC), actor=actor(), label=label)
    base = snippets.address(settings)
    clients = snippets.snippets(new, base, settings)
    if json_output:
        lines = {each.name: each.lines for each in clients if wanted in (None, each.name)}
        output.as_json({**snippets.settings_of(new, base, settings), "snippets": lines})
    elif wanted:
        typer.echo(next(each.lines for each in clients if each.name == wanted), nl=False)
    else:
        _show(new, base, clients)


def _show(new: NewKey, base: str, clients: Sequence[Client]) -> None:
    out = output.console()
    out.print(f"[bold green]Key of {new.project}[/bold green]  {new.key}")
    out.print("[dim]Good for sending alone; shown this once. Lines for each client:[/dim]\n")
    for client in clients:
        out.print(f"[bold cyan]{client.title}[/bold cyan]  [dim]{client.name} · {client.needs}[/dim]")
        # as it is, to be copied: colours and wrapping would come along
        out.print(client.lines, markup=False)
    out.print(f"[dim]Sent to {base}; QUALITY_PLATFORM_PUBLIC_URL names another address.[/dim]")


@app.command("list", epilog="Example: `quality-platform keys list --project shop`")
def listed(
    project: Annotated[str | None, typer.Option("--project", help="Only this project.")] = None,
    json_output: Json = False,
) -> None:
    """List keys, newest first; of each the beginning is shown."""
    settings = begin("keys list")
    from quality_platform.access import keys
    from quality_platform.cli.home import prepare_state

    rows = keys.listed(prepare_state(settings), project)
    if json_output:
        names = ("project", "prefix", "label", "created_at", "created_by", "last_used_at", "revoked_at")
        output.as_json([{name: getattr(row, name) for name in names} for row in rows])
        return
    output.table(
        "Keys",
        ("Project", "Key", "Label", "Made", "By", "Last used", ""),
        [
            [row.project, f"{row.prefix}…", row.label, output.instant(row.created_at), row.created_by,
             output.instant(row.last_used_at, "never"), ("revoked", "error") if row.revoked_at else ("in use", "good")]
            for row in rows
        ],
        empty="None; `quality-platform keys create PROJECT` makes one.",
    )  # fmt: skip


@app.command("revoke", epilog="Example: `quality-platform keys revoke qpk_1a2b3c4d`")
def revoke(
    key: Annotated[str, typer.Argument(help="The key, or its beginning as `keys list` shows it.")],
    json_output: Json = False,
) -> None:
    """Make a key worthless, at the latest five seconds later. There is no way back."""
    settings = begin("keys revoke")
    from quality_platform.access import keys
    from quality_platform.cli.home import prepare_state

    projects = keys.revoke(prepare_state(settings), key.rstrip("…"), datetime.now(UTC), actor=actor())
    if json_output:
        output.as_json({"revoked": projects})
        return
    output.console().print(f"[green]✓[/green] revoked: a key of {', '.join(projects)}")
