"""`alerts`: which alerts are open, or what has happened to all of them."""

from __future__ import annotations

from typing import Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin

EXAMPLE = "quality-platform alerts --status resolved --project my-project"


def command(
    status: Annotated[str, typer.Option("--status", help="open, active, acknowledged, resolved or all.")] = "open",
    project: Annotated[str | None, typer.Option("--project", help="Only this project.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most this many, newest first.")] = 50,
    json_output: Json = False,
) -> None:
    """List alerts, newest first."""
    settings = begin("alerts")
    from quality_platform.alerting.listing import alerts
    from quality_platform.errors import UsageError
    from quality_platform.state.database import State

    if status not in ("open", "active", "acknowledged", "resolved", "all"):
        raise UsageError(f"There is no status {status!r}.", hint="open, active, acknowledged, resolved or all.")
    rows = alerts(State(settings), status=None if status == "all" else status, project=project, limit=limit)
    if json_output:
        output.as_json(rows)
        return
    output.table(
        f"Alerts, {status}",
        ("Severity", "Status", "Project", "Opened", "Value", "Threshold", "What"),
        [
            [(row["severity"], row["severity"]), row["status"], row["project"], f"{row['opened_at']:%Y-%m-%d %H:%M}",
             row["value"], row["threshold"], row["message"]]
            for row in rows
        ],
        empty="None.",
    )  # fmt: skip
