"""`channels`: where messages go, whether a channel works, and what could not be delivered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin

if TYPE_CHECKING:
    from quality_platform.alerting.plan import Plan
    from quality_platform.settings import Settings

app = typer.Typer(
    help="Channels: list them, test one, see and replay what could not be delivered.", no_args_is_help=True
)


def _plan(settings: Settings) -> Plan:
    from quality_platform.alerting.plan import Plan
    from quality_platform.configuration.effective import effective

    return Plan.of(effective(settings))


@app.command("list", epilog="Example: `quality-platform channels list`")
def listed(json_output: Json = False) -> None:
    """List the channels of quality.yaml and the one for what nobody else wants."""
    plan = _plan(begin("channels list"))
    rows = [
        {"name": name, "type": config.channel_type, "alert_types": list(config.alert_types) or ["all"],
         "severity_levels": list(config.severity_levels) or ["all"], "project_ids": list(config.project_ids)}
        for name, config in plan.reachable.items()
    ]  # fmt: skip
    if json_output:
        output.as_json(rows)
        return
    cells = [[", ".join(value) if isinstance(value, list) else value for value in row.values()] for row in rows]
    output.table("Channels", ("Name", "Type", "Alerts", "Severities", "Projects"), cells)


@app.command("test", epilog="Example: `quality-platform channels test team-slack`")
def trial(name: Annotated[str, typer.Argument(help="Channel.")], json_output: Json = False) -> None:
    """Send a test message and say what the receiver answered. Exit code 1 when it did not arrive."""
    settings = begin("channels test")
    from quality_platform.alerting.delivery.senders import build_senders
    from quality_platform.alerting.delivery.trial import send_test
    from quality_platform.cli.home import prepare_state
    from quality_platform.notifications.network import Network
    from quality_platform.settings import variable

    state = prepare_state(settings)
    senders = build_senders(_plan(settings), Network.allowing(settings.webhook_allow_cidrs), variable)
    result = send_test(state, senders, name, datetime.now(UTC))
    if json_output:
        output.as_json(
            {"channel": name, "message_id": result.message_id, "delivered": result.delivered, "status": result.status,
             "detail": result.detail}
        )  # fmt: skip
    else:
        sign = "[green]✓[/green] delivered" if result.delivered else "[red]✗[/red] not delivered"
        output.console().print(f"{sign}: ", end="")
        output.console().print(f"{result.detail} ({result.message_id})", markup=False)
    if not result.delivered:
        raise typer.Exit(1)


@app.command("dead", epilog="Example: `quality-platform channels dead --replay`")
def dead(
    replay: Annotated[bool, typer.Option("--replay", help="Make them due again.")] = False, json_output: Json = False
) -> None:
    """List messages that could not be delivered; with --replay, try them again."""
    settings = begin("channels dead", replay=replay)
    from quality_platform.alerting.delivery import dead_letters
    from quality_platform.state.database import State

    state = State(settings)
    letters = dead_letters.dead_letters(state)
    if replay:
        dead_letters.replay(state, datetime.now(UTC))
    if json_output:
        output.as_json(letters)
        return
    output.table(
        "Not delivered" + (", due again" if replay else ""),
        ("Channel", "Kind", "Title", "Attempts", "Created", "Last answer"),
        [[x.channel, x.kind, x.title, x.attempts, f"{x.created_at:%Y-%m-%d %H:%M}", x.last_error] for x in letters],
        empty="None.",
    )
