"""`rules`: are they right, do they fire when they should, how often would they have, and why was or wasn't one told.

Belongs here: the group, `check` and `explain`. Does not belong here: the longer verbs (`rules_test.py`,
`rules_backtest.py`, `rules_import.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quality_platform.cli import output, rules_backtest, rules_import, rules_test
from quality_platform.cli.in_force import configuration, full_id, open_in_force
from quality_platform.cli.session import Json, begin
from quality_platform.errors import LakeError, StateError, UsageError

if TYPE_CHECKING:
    from quality_platform.alerting.facts import Step
    from quality_platform.configuration.loader import Problem
    from quality_platform.model.alerts import Series
    from quality_platform.model.configuration import QualityConfig
    from quality_platform.settings import Settings

app = typer.Typer(
    help="Rules: check them, test them, see how often they would have fired, and what decided about an alert.",
    no_args_is_help=True,
)
TONES = {"holds": "warning", "stops": "error", "waits": "info", "told": "good"}


@app.command("check", epilog="Example: `quality-platform rules check quality.yaml --strict`")
def check(
    path: Annotated[Path | None, typer.Argument(help="The file; by default the one in force.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 2 for what is only odd, too.")] = False,
    json_output: Json = False,
) -> None:
    """Check rules, routes and channels: mistakes with their lines (exit code 2), and what is odd, such as a rule
    without a series, a channel that nobody reaches, a window that is not there."""
    settings = begin("rules check")
    from quality_platform.configuration import loader

    found = path or loader.path_of(settings)
    if found is None:
        raise UsageError("There is no quality.yaml here.", hint="`quality-platform init` writes an example.")
    config, errors, document = loader.read_as(_model(), found)
    remarks = _remarks(settings, config, document) if config is not None else []
    if json_output:
        output.as_json({"file": str(found), "errors": _entries(errors), "warnings": _entries(remarks)})
    else:
        _show(found, config, errors, remarks)
    if errors or (strict and remarks):
        raise typer.Exit(2)


def _model() -> type[QualityConfig]:
    from quality_platform.model.configuration import QualityConfig

    return QualityConfig


def _remarks(settings: Settings, config: QualityConfig, document: Any) -> list[Problem]:
    from quality_platform.alerting.review import review
    from quality_platform.configuration.lines import field_of, line_of
    from quality_platform.configuration.loader import Problem

    found = review(config, _series(settings, config), _stored_channels(settings))
    return [Problem(line_of(document, each.where), field_of(each.where), each.message) for each in found]


def _series(settings: Settings, config: QualityConfig) -> Collection[Series] | None:
    """Series of the rules' metrics; None where there is no lake yet, or nothing in it."""
    from quality_platform.alerting.backtest import series_of
    from quality_platform.rules.matching import metric_of
    from quality_platform.warehouse.lake import Lake

    lake = Lake(settings)
    try:
        return series_of(lake, {metric_of(rule) for rule in config.rules or ()}) if lake.exists else None
    except LakeError:
        return None
    finally:
        lake.close()


def _stored_channels(settings: Settings) -> Collection[str]:
    """Channels that the API made; none where there is no state yet."""
    from quality_platform.state.database import State

    state = State(settings)
    try:
        return [channel.name for channel in configuration(settings, state).channels]
    except (StateError, UsageError):
        return ()
    finally:
        state.close()


def _entries(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [{"line": each.line, "field": each.field, "message": each.message} for each in problems]


def _show(path: Path, config: QualityConfig | None, errors: Sequence[Problem], remarks: Sequence[Problem]) -> None:
    out = output.console()
    for sign, found in (("[red]✗[/red]", errors), ("[yellow]![/yellow]", remarks)):
        for each in found:
            out.print(f"{sign} {path}, ", end="")
            out.print(str(each), markup=False)
    if config is not None:
        rules = "the built-in rules" if config.rules is None else f"{len(config.rules)} rules"
        odd = f", {len(remarks)} odd" if remarks else ""
        out.print(f"[green]✓[/green] {path}: {rules}, {len(config.channels)} channels{odd}.")


@app.command("explain", epilog="Example: `quality-platform rules explain 0195f0a1-2b3c --channel team-slack`")
def explain(
    alert: Annotated[str, typer.Argument(help="The alert's id, or its beginning.")],
    channel: Annotated[str | None, typer.Option("--channel", help="Only this channel; default all concerned.")] = None,
    json_output: Json = False,
) -> None:
    """Say what decided whether a channel was told of an alert: rule, route, silence, inhibition, window, snooze,
    flapping, group, repeat, limit or circuit."""
    settings = begin("rules explain")
    from quality_platform.alerting.explain import explain as explained

    here = open_in_force(settings)
    steps = explained(here.state, here.plan, full_id(here.state, alert), channel, here.now)
    if json_output:
        output.as_json(steps)
        return
    for name in dict.fromkeys(step.channel for step in steps):
        _table(name, [step for step in steps if step.channel == name])


def _table(channel: str, steps: Sequence[Step]) -> None:
    *looks, outcome = steps
    out = output.console()
    out.print(f"[bold]{channel}[/bold]  ", end="")
    out.print(outcome.because, style=output.COLOURS.get(TONES.get(outcome.verdict, ""), ""), markup=False)
    rows = [[step.what, (step.verdict, TONES.get(step.verdict, "")), step.because] for step in looks]
    output.table("", ("What", "Verdict", "Because"), rows)


for _name, _verb in (("test", rules_test), ("backtest", rules_backtest), ("import-prometheus", rules_import)):
    app.command(_name, epilog=f"Example: `{_verb.EXAMPLE}`")(_verb.command)
