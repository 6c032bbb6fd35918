"""What people do with alerts on the command line: one alert or several at once, by the beginnings of their ids.

Belongs here: the verbs' words. Does not belong here: what an action does (`alerting/episodes/actions.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.in_force import full_id, open_in_force
from quality_platform.cli.instants import FORMS, coming
from quality_platform.cli.session import Json, actor, begin
from quality_platform.errors import UsageError

Alerts = Annotated[list[str], typer.Argument(help="Alerts, by id or its beginning.", metavar="ALERT")]
Note = Annotated[str | None, typer.Option("--note", help="Say why, for those who come after you.")]


def acknowledge(
    alerts: Alerts,
    note: Note = None,
    until: Annotated[str | None, typer.Option("--until", help=f"Only so long. {FORMS}")] = None,
    json_output: Json = False,
) -> None:
    """Take care of alerts: repeats and escalations stop, those who were told of them learn of it."""
    _act("acknowledge", alerts, json_output=json_output, until=until, note=note)


def unacknowledge(alerts: Alerts, json_output: Json = False) -> None:
    """Give alerts back: they are told again, and escalate from the start."""
    _act("unacknowledge", alerts, json_output=json_output)


def assign(
    alerts: Alerts,
    to: Annotated[str | None, typer.Option("--to", help="Who takes care of them.")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Nobody does any more.")] = False,
    json_output: Json = False,
) -> None:
    """Name who takes care of alerts."""
    if (to is None) != nobody:
        raise UsageError("Who?", hint="Give --to NAME, or --nobody.")
    _act("assign", alerts, json_output=json_output, assignee=to)


def comment(
    alerts: Alerts,
    text: Annotated[str, typer.Option("--text", help="What there is to say.")],
    json_output: Json = False,
) -> None:
    """Say something about alerts; it stands in their history."""
    _act("comment", alerts, json_output=json_output, text=text)


def snooze(
    alerts: Alerts,
    until: Annotated[str | None, typer.Option("--until", help=FORMS)] = None,
    end: Annotated[bool, typer.Option("--end", help="End it now.")] = False,
    note: Note = None,
    json_output: Json = False,
) -> None:
    """Be told nothing of these alerts for a while; that one is over is told all the same."""
    if (until is None) != end:
        raise UsageError("For how long?", hint="Give --until 2h, or --end to be told again.")
    _act("snooze", alerts, json_output=json_output, until=until, note=note)


def resolve(alerts: Alerts, note: Note = None, json_output: Json = False) -> None:
    """Call alerts over. Where the rule still says otherwise, they come back after a repeat interval."""
    _act("resolve", alerts, json_output=json_output, note=note)


def mark(
    alerts: Alerts,
    actionable: Annotated[
        bool | None, typer.Option("--actionable/--noise", help="It was worth telling, or it was not.")
    ] = None,
    unmark: Annotated[bool, typer.Option("--unmark", help="Take back what was marked.")] = False,
    json_output: Json = False,
) -> None:
    """Say whether alerts were worth telling: the precision of their rules is counted from it."""
    if (actionable is None) != unmark:
        raise UsageError("As what?", hint="Give --actionable, --noise or --unmark.")
    _act("mark", alerts, json_output=json_output, actionable=actionable)


VERBS: Mapping[str, Callable[..., None]] = MappingProxyType(
    {each.__name__: each for each in (acknowledge, unacknowledge, assign, comment, snooze, resolve, mark)}
)
EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "acknowledge": 'quality-platform alerts acknowledge 0195f0a1-2b3c --note "on it" --until 4h',
        "unacknowledge": "quality-platform alerts unacknowledge 0195f0a1-2b3c",
        "assign": "quality-platform alerts assign 0195f0a1-2b3c --to ann",
        "comment": 'quality-platform alerts comment 0195f0a1-2b3c --text "the disk is being replaced"',
        "snooze": "quality-platform alerts snooze 0195f0a1-2b3c --until 2h",
        "resolve": 'quality-platform alerts resolve 0195f0a1-2b3c --note "false alarm"',
        "mark": "quality-platform alerts mark 0195f0a1-2b3c --noise",
    }
)


def _act(verb: str, alerts: list[str], *, json_output: bool, until: str | None = None, **words: object) -> None:
    """Do it to each; exit code 1 where it could not be done to one of them."""
    settings = begin(f"alerts {verb}")
    from quality_platform.alerting.episodes import actions

    here = open_in_force(settings)
    if verb in ("acknowledge", "snooze"):
        words["until"] = _until(until, here.now)
    chosen = [full_id(here.state, each) for each in alerts]
    who = actions.Actor(f"cli {actor()}")
    done = actions.bulk(here.state, here.plan, chosen, verb, who, here.now, **words)
    failed = {alert_id: reason for alert_id, reason in done.items() if reason != "done"}
    if json_output:
        output.as_json(done)
    else:
        _say(done)
    if failed:
        raise typer.Exit(1)


def _until(text: str | None, now: datetime) -> datetime | None:
    return None if text is None else coming(text, now, "--until")


def _say(done: Mapping[str, str]) -> None:
    out = output.console()
    for alert_id, reason in done.items():
        if reason == "done":
            out.print(f"[green]✓[/green] {alert_id}")
        else:
            out.print(f"[red]✗[/red] {alert_id}: ", end="")
            out.print(reason, markup=False)
