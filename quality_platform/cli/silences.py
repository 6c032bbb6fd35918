"""`silences`: what nobody wants to be told of for a while.

Belongs here: the verbs' words. Does not belong here: the life of a silence (`alerting/episodes/silences.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quality_platform.cli import output
from quality_platform.cli.in_force import SHORT, open_in_force
from quality_platform.cli.instants import FORMS, coming, length
from quality_platform.cli.session import Json, actor, begin
from quality_platform.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from quality_platform.state.database import State
    from quality_platform.state.models import SilenceRow

app = typer.Typer(help="Silences: list them, make one, end one.", no_args_is_help=True)


@app.command("list", epilog="Example: `quality-platform silences list --all`")
def listed(
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    json_output: Json = False,
) -> None:
    """List silences, the one that ends last first."""
    settings = begin("silences list")
    from quality_platform.alerting.episodes import silences
    from quality_platform.state.database import State

    now = datetime.now(UTC)
    rows = silences.listed(State(settings), since=None if everything else now)
    if json_output:
        output.as_json([_shown(row, now) for row in rows])
        return
    output.table(
        "Silences",
        ("Id", "", "Alerts", "Ends", "By", "Why"),
        [
            [row.id[:SHORT], _phase(row, now), _matchers(row), output.instant(row.ends_at), row.created_by, row.comment]
            for row in rows
        ],
        empty="None; `quality-platform silences create` makes one.",
    )  # fmt: skip


@app.command(
    "create", epilog="Example: `quality-platform silences create 'project=shop' 'severity=~\"warning|info\"' "
    "--for 2h --comment \"moving the database\"`"
)  # fmt: skip
def create(
    matchers: Annotated[list[str], typer.Argument(help="Labels, such as rule=\"CPU busy\" or project=~\"shop.*\".",
                                                  metavar="MATCHER")],
    comment: Annotated[str, typer.Option("--comment", help="Why, for those who come after you.")],
    lasts: Annotated[str | None, typer.Option("--for", help="How long, such as 2h; default 2h.")] = None,
    until: Annotated[str | None, typer.Option("--until", help=f"When it ends, instead. {FORMS}")] = None,
    start: Annotated[str | None, typer.Option("--start", help="When it begins; default now.")] = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="firing or repeat alone; default both.")] = None,
    once: Annotated[bool, typer.Option("--expire-on-resolve", help="End it when what it matches is over.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many open alerts it would match.")] = False,
    json_output: Json = False,
) -> None:  # fmt: skip
    """Make a silence. That an alert is over is told all the same."""
    settings = begin("silences create")
    from quality_platform.alerting.episodes import silences
    from quality_platform.alerting.routing.matchers import parsed_all

    if lasts and until:
        raise UsageError("--for and --until are two ways to say one thing.", hint="Give one of them.")
    here = open_in_force(settings)
    starts = coming(start, here.now, "--start") if start else here.now
    ends = coming(until, here.now, "--until") if until else starts + length(lasts or "2h", "--for")
    wanted = silences.NewSilence(
        tuple(parsed_all(matchers)), starts, ends, comment, tuple(kind or silences.KINDS), once
    )
    matching = silences.preview(here.state, wanted.matchers)
    row = None if dry_run else silences.create(here.state, here.plan, wanted, f"cli {actor()}", here.now)
    if json_output:
        output.as_json({"silence": _shown(row, here.now) if row else None, "matching": matching})
    elif row is None:
        typer.echo(f"It would match {_alerts(matching)}.")
    else:
        output.console().print(f"[green]✓[/green] {row.id}: silent until {output.instant(row.ends_at)} UTC, "
                               f"{_alerts(matching)} now.")  # fmt: skip


@app.command("expire", epilog="Example: `quality-platform silences expire 0195f0a1-2b3c`")
def expire(
    silences_: Annotated[list[str], typer.Argument(help="Silences, by id or its beginning.", metavar="SILENCE")],
    json_output: Json = False,
) -> None:
    """End silences now; what they held back and still fires is told."""
    settings = begin("silences expire")
    from quality_platform.alerting.episodes import silences

    here = open_in_force(settings)
    chosen = [_full_id(here.state, each) for each in silences_]
    rows = [silences.expire(here.state, here.plan, each, f"cli {actor()}", here.now) for each in chosen]
    if json_output:
        output.as_json([_shown(row, here.now) for row in rows])
        return
    for row in rows:
        output.console().print(f"[green]✓[/green] {row.id} is over.")


def _full_id(state: State, given: str) -> str:
    from quality_platform.alerting.episodes import silences

    wanted = given.strip().rstrip("…").lower()
    found = [row.id for row in silences.listed(state) if row.id.startswith(wanted)]
    if not found or not wanted:
        raise NotFoundError(f"There is no silence {given!r}.", hint="`quality-platform silences list` lists them.")
    if len(found) > 1 and wanted not in found:
        raise UsageError(f"{given} may be several silences.", hint=f"Give more of its id: {', '.join(found[:5])}.")
    return wanted if wanted in found else found[0]


def _phase(row: SilenceRow, now: datetime) -> tuple[str, str]:
    if row.ends_at <= now:
        return "over", ""
    return ("active", "good") if row.starts_at <= now else ("to come", "info")


def _texts(row: SilenceRow) -> Sequence[str]:
    from quality_platform.alerting.routing.matchers import from_json

    return [str(from_json(each)) for each in json.loads(row.matchers)]


def _matchers(row: SilenceRow) -> str:
    return ", ".join(_texts(row))


def _shown(row: SilenceRow, now: datetime) -> dict[str, Any]:
    names = ("id", "starts_at", "ends_at", "created_by", "created_at", "comment", "expire_on_resolve", "version")
    more = {"matchers": list(_texts(row)), "kinds": json.loads(row.kinds), "phase": _phase(row, now)[0]}
    return {**{name: getattr(row, name) for name in names}, **more}


def _alerts(count: int) -> str:
    return f"{count} open alert{'' if count == 1 else 's'}"
