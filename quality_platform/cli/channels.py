"""`channels`: where messages go, whether a channel works, and what could not be delivered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quality_platform.cli import output
from quality_platform.cli.in_force import InForce, open_in_force
from quality_platform.cli.instants import FORMS, past
from quality_platform.cli.session import Json, actor, begin
from quality_platform.errors import NotFoundError, StateError

if TYPE_CHECKING:
    from quality_platform.alerting.delivery.dead_letters import DeadLetter
    from quality_platform.alerting.plan import Plan
    from quality_platform.settings import Settings

app = typer.Typer(
    help="Channels: list them, test one, see how they answer and what could not be delivered.", no_args_is_help=True
)


def _plan(settings: Settings) -> Plan:
    """The plan in force; before there is a state, that of the file."""
    from quality_platform.alerting.plan import Plan
    from quality_platform.configuration.effective import effective

    try:
        return open_in_force(settings).plan
    except StateError:
        return Plan.of(effective(settings))


@app.command("list", epilog="Example: `quality-platform channels list`")
def listed(json_output: Json = False) -> None:
    """List the channels in force and the one for what nobody else wants."""
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
    result = send_test(state, senders, name, datetime.now(UTC), actor=f"cli {actor()}")
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


@app.command("dead", epilog="Example: `quality-platform channels dead --channel team-slack --since 2d --replay`")
def dead(
    messages: Annotated[
        list[str] | None, typer.Argument(help="Only these, by their message ids.", metavar="MESSAGE")
    ] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="Only of this channel.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Only such as firing, resolved or report.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", help=f"Made from then on; 2d: the last two days. {FORMS}")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="Made before then.")] = None,
    replay: Annotated[bool, typer.Option("--replay", help="Make them due again, under their old ids.")] = False,
    json_output: Json = False,
) -> None:
    """List messages that could not be delivered; with --replay, try them again: these, a range, or all."""
    settings = begin("channels dead", replay=replay)
    from quality_platform.alerting.delivery import dead_letters
    from quality_platform.state.database import State

    state, now = State(settings), datetime.now(UTC)
    first, last = (None if text is None else past(text, now, option) for text, option in
                   ((since, "--since"), (until, "--until")))  # fmt: skip
    found = dead_letters.dead_letters(state, channel, kind=kind, since=first, until=last)
    letters = _named(found, messages) if messages else found
    if replay and letters:
        who = f"cli {actor()}"
        dead_letters.replay(
            state, now, messages or None, actor=who, channel=channel, kind=kind, since=first, until=last
        )
    if json_output:
        output.as_json(letters)
        return
    output.table(
        "Not delivered" + (", due again" if replay else ""),
        ("Message", "Channel", "Kind", "Title", "Attempts", "Created", "Last answer"),
        [
            [each.message_id, each.channel, each.kind, each.title, each.attempts, output.instant(each.created_at),
             each.last_error]
            for each in letters
        ],
        empty="None.",
    )  # fmt: skip


def _named(letters: Sequence[DeadLetter], wanted: Collection[str]) -> list[DeadLetter]:
    """Those of these ids. Raises NotFoundError for one that is not there."""
    missing = set(wanted) - {each.message_id for each in letters}
    if missing:
        raise NotFoundError(
            f"There is no such dead letter: {', '.join(sorted(missing))}.",
            hint="`quality-platform channels dead` lists them.",
        )
    return [each for each in letters if each.message_id in set(wanted)]


@app.command("health", epilog="Example: `quality-platform channels health`")
def health(json_output: Json = False) -> None:
    """How each channel has answered of late, and what waits for it. Exit code 1 when one does not answer."""
    settings = begin("channels health")
    here = open_in_force(settings)
    rows = _health(here)
    if json_output:
        output.as_json(rows)
    else:
        tones = {"healthy": "good", "unhealthy": "warning", "disabled": "error"}
        output.table(
            "Channels",
            ("Name", "State", "Since", "Failures", "Asked again", "Last answer", "Waiting", "Dead"),
            [
                [row["channel"], (row["state"], tones.get(row["state"], "")), output.instant(row["since"]),
                 row["failures"], output.instant(row["retry_at"]), row["last_error"], row["waiting"], row["dead"]]
                for row in rows
            ],
        )  # fmt: skip
    if any(row["state"] in ("unhealthy", "disabled") for row in rows):
        raise typer.Exit(1)


def _health(here: InForce) -> list[dict[str, Any]]:
    import sqlalchemy as sa

    from quality_platform.state import channel_health
    from quality_platform.state.models import OutboxRow

    names = ("state", "since", "failures", "retry_at", "last_ok_at", "last_status", "last_error")
    counted = sa.select(OutboxRow.channel, OutboxRow.state, sa.func.count()).where(OutboxRow.state != "delivered")
    with here.state.read() as session:
        known = {row.channel: {name: getattr(row, name) for name in names} for row in channel_health.listed(session)}
        counts = {
            (name, kind): count
            for name, kind, count in session.execute(counted.group_by(OutboxRow.channel, OutboxRow.state))
        }
    untold: dict[str, Any] = {**dict.fromkeys(names), "state": "never used", "failures": 0}
    return [
        {"channel": name, **known.get(name, untold), "dead": counts.get((name, "dead"), 0),
         "waiting": counts.get((name, "pending"), 0) + counts.get((name, "leased"), 0)}
        for name in dict.fromkeys((*here.plan.reachable, *known))
    ]  # fmt: skip
