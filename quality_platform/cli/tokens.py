"""`tokens`: of people and programs that ask the live service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, actor, begin

if TYPE_CHECKING:
    from quality_platform.state.models import TokenRow

app = typer.Typer(help="Tokens for people and programs: make one, see them, revoke one.", no_args_is_help=True)


@app.command("create", epilog="Example: `quality-platform tokens create grafana --role viewer --expires-days 90`")
def create(
    name: Annotated[str, typer.Argument(help="Person or program that it is for.")],
    role: Annotated[str, typer.Option("--role", help="viewer, editor or admin.")] = "viewer",
    expires_days: Annotated[
        int | None, typer.Option("--expires-days", min=1, max=3650, help="Days until it ends; by default it does not.")
    ] = None,
    json_output: Json = False,
) -> None:
    """Make a token called NAME. It is shown this once."""
    settings = begin("tokens create")
    from quality_platform.access import tokens
    from quality_platform.access.snippets import address
    from quality_platform.cli.home import prepare_state

    now = datetime.now(UTC)
    end = now + timedelta(days=expires_days) if expires_days else None
    new = tokens.create(prepare_state(settings), name, role, now, actor=actor(), expires_at=end)
    if json_output:
        output.as_json({"name": new.name, "role": new.role, "token": new.token, "expires_at": new.expires_at})
        return
    out = output.console()
    out.print(f"[bold green]Token, {new.role}[/bold green]  {new.token}")
    out.print(f"[dim]Shown this once; {f'ends {end:%Y-%m-%d}' if end else 'does not end'}. Try it:[/dim]\n")
    url = f"{address(settings)}/api/v1/quality-monitoring/status"
    out.print(f'curl -H "Authorization: Bearer {new.token}" {url}', markup=False)


@app.command("list", epilog="Example: `quality-platform tokens list`")
def listed(json_output: Json = False) -> None:
    """List tokens, newest first; of each the beginning is shown."""
    settings = begin("tokens list")
    from quality_platform.access import tokens
    from quality_platform.cli.home import prepare_state

    rows = tokens.listed(prepare_state(settings))
    if json_output:
        names = ("name", "role", "prefix", "created_at", "created_by", "expires_at", "last_used_at", "revoked_at")
        output.as_json([{name: getattr(row, name) for name in names} for row in rows])
        return
    output.table(
        "Tokens",
        ("Name", "Role", "Token", "Made", "Ends", "Last used", ""),
        [
            [row.name, row.role, f"{row.prefix}…", output.instant(row.created_at),
             output.instant(row.expires_at, "never"), output.instant(row.last_used_at, "never"), _standing(row)]
            for row in rows
        ],
        empty="None; `quality-platform tokens create NAME` makes one.",
    )  # fmt: skip


@app.command("revoke", epilog="Example: `quality-platform tokens revoke grafana`")
def revoke(
    name: Annotated[str, typer.Argument(help="The token's name, or its beginning as `tokens list` shows it.")],
    json_output: Json = False,
) -> None:
    """Make a token worthless, at the latest five seconds later. There is no way back."""
    settings = begin("tokens revoke")
    from quality_platform.access import tokens
    from quality_platform.cli.home import prepare_state

    names = tokens.revoke(prepare_state(settings), name.rstrip("…"), datetime.now(UTC), actor=actor())
    if json_output:
        output.as_json({"revoked": names})
        return
    output.console().print("[green]✓[/green] revoked: ", end="")
    output.console().print(", ".join(names), markup=False)


def _standing(row: TokenRow) -> tuple[str, str]:
    if row.revoked_at:
        return ("revoked", "error")
    ended = row.expires_at is not None and row.expires_at <= datetime.now(UTC)
    return ("expired", "warning") if ended else ("in use", "good")
