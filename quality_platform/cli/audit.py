"""`audit`: who changed what."""

from __future__ import annotations

from typing import Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin

EXAMPLE = "quality-platform audit --action token"


def command(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most this many, newest first.")] = 50,
    actor: Annotated[str | None, typer.Option("--actor", help="Only changes by this person or program.")] = None,
    action: Annotated[str | None, typer.Option("--action", help="Only this action, or area such as token.")] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="Only changes to this.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check that no entry was changed or taken out; exit code 1 if one was.")
    ] = False,
    json_output: Json = False,
) -> None:
    """List changes of keys, tokens, alerts, rules and monitoring, sign-ins that failed and erasures, newest first."""
    settings = begin("audit", verify=verify)
    from quality_platform.access import trail
    from quality_platform.cli.home import prepare_state

    if verify:
        _verify(trail.broken_at(prepare_state(settings)), json_output)
        return
    found = trail.changes(prepare_state(settings), limit=limit, actor=actor, action=action, subject=subject)
    if json_output:
        output.as_json(found)
        return
    output.table(
        "Audit",
        ("When", "Who", "Did", "To", "Details"),
        [
            [output.instant(each.at), each.actor, each.action, each.subject,
             ", ".join(f"{name} {value}" for name, value in each.details.items() if value is not None)]
            for each in found
        ],
        empty="Nothing.",
    )  # fmt: skip


def _verify(broken_at: int | None, json_output: bool) -> None:
    if json_output:
        output.as_json({"whole": broken_at is None, "broken_at": broken_at})
    elif broken_at is None:
        output.console().print("[green]✓[/green] The audit is whole.")
    else:
        output.console().print(f"[red]✗[/red] Entry {broken_at} does not follow from the one before it.")
    if broken_at is not None:
        raise typer.Exit(1)
