"""`alerts`: which alerts are open, or what has happened to all of them; and one alert's history.

Does not belong here: what people do with alerts (`alert_actions.py`, whose verbs stand below `alerts` too).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from quality_platform.cli import alert_actions, output
from quality_platform.cli.in_force import SHORT, full_id
from quality_platform.cli.session import Json, begin

if TYPE_CHECKING:
    from quality_platform.settings import Settings

STATUSES = ("open", "active", "acknowledged", "resolved", "all")

app = typer.Typer(
    help="Alerts: list them, acknowledge, assign, comment, snooze, resolve or mark them. Without a verb: list.",
    invoke_without_command=True,
)

Status = Annotated[str, typer.Option("--status", help="open, active, acknowledged, resolved or all.")]
Project = Annotated[str | None, typer.Option("--project", help="Only this project.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most this many, newest first.")]


@app.callback()
def default(
    context: typer.Context,
    status: Status = "open",
    project: Project = None,
    limit: Limit = 50,
    json_output: Json = False,
) -> None:
    """List alerts, newest first; or do what a verb below says."""
    if context.invoked_subcommand is None:
        _list(begin("alerts"), status, project, limit, json_output=json_output)


@app.command("list", epilog="Example: `quality-platform alerts list --status resolved --project my-project`")
def listed(status: Status = "open", project: Project = None, limit: Limit = 50, json_output: Json = False) -> None:
    """List alerts, newest first: what `alerts` alone does."""
    _list(begin("alerts list"), status, project, limit, json_output=json_output)


def _list(settings: Settings, status: str, project: str | None, limit: int, *, json_output: bool) -> None:
    from quality_platform.alerting.listing import alerts
    from quality_platform.errors import UsageError
    from quality_platform.state.database import State

    if status not in STATUSES:
        raise UsageError(f"There is no status {status!r}.", hint="open, active, acknowledged, resolved or all.")
    rows = alerts(State(settings), status=None if status == "all" else status, project=project, limit=limit)
    if json_output:
        output.as_json(rows)
        return
    output.table(
        f"Alerts, {status}",
        ("Id", "Severity", "Status", "Project", "Opened", "Value", "Threshold", "What"),
        [
            [row["id"][:SHORT], (row["severity"], row["severity"]), row["status"], row["project"],
             output.instant(row["opened_at"]), row["value"], row["threshold"], row["message"]]
            for row in rows
        ],
        empty="None.",
    )  # fmt: skip


@app.command("history", epilog="Example: `quality-platform alerts history 0195f0a1-2b3c`")
def history(
    alert: Annotated[str, typer.Argument(help="The alert's id, or its beginning.")], json_output: Json = False
) -> None:
    """Everything that has happened to an alert, and what each channel was told of it."""
    settings = begin("alerts history")
    from quality_platform.state.database import State

    state = State(settings)
    found = _history(state, full_id(state, alert))
    if json_output:
        output.as_json(found)
        return
    shown = found["alert"]
    out = output.console()
    out.print(f"[bold]{shown['severity']}, {shown['status']}[/bold]  ", end="")
    out.print(f"{shown['message']}  {shown['id']}", markup=False)
    output.table(
        "History",
        ("When", "What", "Severity", "Value", "By", "Note"),
        [
            [output.instant(row["event_time"]), row["kind"], (row["severity"], row["severity"]), row["value"],
             row["actor"] or "rule", row["note"] or row["reason"]]
            for row in found["events"]
        ],
    )  # fmt: skip
    output.table(
        "Told",
        ("Channel", "Last news", "At", "Waiting", "Held back"),
        [
            [row["channel"], row["told_kind"], output.instant(row["told_at"], "never"), row["waiting"],
             "yes" if row["held"] else ""]
            for row in found["notices"]
        ],
        empty="Nobody.",
    )  # fmt: skip


def _history(state: Any, alert_id: str) -> dict[str, Any]:
    import sqlalchemy as sa

    from quality_platform.alerting.listing import event_shown, shown
    from quality_platform.state.models import AlertEventRow, AlertRow, NoticeRow

    names = ("channel", "route", "told", "told_kind", "told_at", "waiting", "waiting_since", "held", "repeat_at")
    with state.read() as session:
        events = sa.select(AlertEventRow).where(AlertEventRow.alert_id == alert_id).order_by(AlertEventRow.sequence)
        notices = sa.select(NoticeRow).where(NoticeRow.alert_id == alert_id).order_by(NoticeRow.channel)
        return {
            "alert": shown(session.get_one(AlertRow, alert_id)),
            "events": [event_shown(row) for row in session.scalars(events)],
            "notices": [{name: getattr(row, name) for name in names} for row in session.scalars(notices)],
        }


for _name, _command in alert_actions.VERBS.items():
    app.command(_name, epilog=f"Example: `{alert_actions.EXAMPLES[_name]}`")(_command)
