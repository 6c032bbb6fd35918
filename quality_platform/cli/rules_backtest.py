"""`rules backtest`: how often would a rule have fired, would people have lived with it, and what would help?

Belongs here: which rules, which past, and how it is shown. Does not belong here: the replay (`alerting/backtest.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quality_platform.cli import output
from quality_platform.cli.in_force import configuration
from quality_platform.cli.session import Json, begin
from quality_platform.errors import NotFoundError, StateError, UsageError

if TYPE_CHECKING:
    from quality_platform.alerting.backtest import Prediction, Window
    from quality_platform.alerting.replaying.sparkline import Sparkline
    from quality_platform.model.configuration import QualityConfig
    from quality_platform.model.rules import RuleConfig
    from quality_platform.settings import Settings

EXAMPLE = 'quality-platform rules backtest "CPU busy" --days 30'
PATIENCE_SECONDS = 2.0
TONES = {"silent": "info", "quiet": "good", "noisy": "warning", "stuck": "error"}
MEANINGS = {
    "silent": "it would never have fired",
    "quiet": "people would live with it",
    "noisy": "more than people read, or over before they could",
    "stuck": "it fires most of the time somewhere, and so says nothing new there",
}


def command(
    rules: Annotated[
        list[str] | None, typer.Argument(help="Rules, by name or id; default all.", metavar="RULE")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="How far back.")] = 30,
    rule_file: Annotated[
        Path | None, typer.Option("--rule-file", help="Rules of this file, shaped like quality.yaml, instead.")
    ] = None,
    json_output: Json = False,
) -> None:
    """Replay rules over the lake's history: alerts, messages, nights, flapping, and what would make them quieter."""
    settings = begin("rules backtest", days=days)
    from quality_platform.alerting.backtest import backtest
    from quality_platform.alerting.plan import Plan
    from quality_platform.warehouse.lake import Lake

    config = _config(settings, rule_file)
    plan, window = Plan.of(config), _window(config, days)
    chosen = _chosen(plan.rules, rules or [])
    lake, began = Lake(settings), time.monotonic()
    try:
        lake.connect().close()  # says what to do where there is no lake
        with _progress(quiet=json_output) as advance:
            found = list(backtest(lake, plan, chosen, window, advance))
    finally:
        lake.close()
    seconds = time.monotonic() - began
    if json_output:
        output.as_json({"since": window.since, "until": window.until, "seconds": seconds,
                        "rules": [_entry(each) for each in found]})  # fmt: skip
    else:
        _show(found, window, seconds)


def _config(settings: Settings, rule_file: Path | None) -> QualityConfig:
    """What is in force; with a file, its rules over the channels and routes in force."""
    from quality_platform.configuration import loader
    from quality_platform.configuration.effective import effective
    from quality_platform.state.database import State

    try:
        config = configuration(settings, State(settings))
    except StateError:
        config = effective(settings)
    if rule_file is None:
        return config
    rules = loader.load(rule_file).rules
    if not rules:
        raise UsageError(f"{rule_file} has no rules.", hint="Write them under `rules:`, as in quality.yaml.")
    return config.model_copy(update={"rules": rules})


def _window(config: QualityConfig, days: int) -> Window:
    from zoneinfo import ZoneInfo

    from quality_platform.alerting.backtest import Window

    now = datetime.now(UTC)
    return Window(now - timedelta(days=days), now, ZoneInfo(config.report.timezone))


def _chosen(rules: Mapping[str, RuleConfig], names: Sequence[str]) -> dict[str, RuleConfig]:
    if not names:
        return dict(rules)
    by_name = {**{rule.name: key for key, rule in rules.items() if rule.name}, **{key: key for key in rules}}
    missing = [name for name in names if name not in by_name]
    if missing:
        near = get_close_matches(missing[0], by_name) or sorted(rules)[:10]
        raise NotFoundError(f"There is no rule {missing[0]!r} in force.", hint=f"There is {', '.join(near) or 'none'}.")
    return {by_name[name]: rules[by_name[name]] for name in names}


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for people, once it has taken two seconds."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    began = time.monotonic()
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=output.console(stderr=True), transient=True, disable=quiet,
    ) as bar:  # fmt: skip
        task = bar.add_task("replaying", total=None, visible=False)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total or None,
            visible=time.monotonic() - began > PATIENCE_SECONDS,
        )  # fmt: skip


def _entry(found: Prediction) -> dict[str, Any]:
    figures = found.figures
    names = ("alerts", "by_severity", "series", "series_with_alerts", "messages", "sent", "firing_share", "worst_share",
             "night_share", "short", "flapping", "reopened", "verdict")  # fmt: skip
    lengths = ("shortest", "median", "longest")
    return {
        "rule": found.key, "type": found.rule.type, "metric": found.rule.metric_name,
        "observations": found.observations, "skipped_series": found.skipped,
        **{name: getattr(figures, name) for name in names},
        **{f"{name}_seconds": _seconds(getattr(figures, name)) for name in lengths},
        "suggestions": [
            {"setting": each.setting, "alerts": each.alerts, "instead_of": each.instead_of, "series": each.series}
            for each in found.suggestions
        ],
        "series_shown": [
            {"project": series.project, "subject": series.subject, "labels": series.labels, "alerts": count,
             "line": line.text, "firing": line.firing, "lowest": line.lowest, "highest": line.highest}
            for series, count, line in found.drawn
        ],
    }  # fmt: skip


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _show(found: Sequence[Prediction], window: Window, seconds: float) -> None:
    out = output.console()
    observations = sum(each.observations for each in {each.rule.metric_name: each for each in found}.values())
    out.print(f"[dim]{window.since:%Y-%m-%d} to {window.until:%Y-%m-%d}, {observations:,} observations, "
              f"{seconds:.1f} s[/dim]")  # fmt: skip
    output.table(
        "Predicted",
        ("Rule", "Verdict", "Alerts", "Sent", "Firing", "Median", "Night"),
        [
            [each.key, (each.figures.verdict, TONES[each.figures.verdict]), each.figures.alerts, each.figures.sent,
             f"{each.figures.firing_share:.2%}", _length(each.figures.median), f"{each.figures.night_share:.0%}"]
            for each in found
        ],
        empty="No rules.",
    )  # fmt: skip
    for each in found:
        if each.figures.alerts:
            _details(each)


def _details(found: Prediction) -> None:
    out = output.console()
    out.print()
    out.print(found.key, style="bold", markup=False, end="  ")
    out.print(MEANINGS[found.figures.verdict], style=output.COLOURS.get(TONES[found.figures.verdict], ""))
    figures = found.figures
    told = ", ".join(f"{channel} {count:,}" for channel, count in sorted(figures.messages.items()))
    out.print(f"  {figures.series_with_alerts:,} of {figures.series:,} series; told: {told or 'nobody'}", markup=False)
    out.print(f"  shortest {_length(figures.shortest)}, longest {_length(figures.longest)}, {figures.short:,} over "
              f"within 5m, {figures.reopened:,} reopened, {figures.flapping:,} flapping")  # fmt: skip
    if found.skipped:
        out.print(f"  [yellow]{found.skipped} series were left out: this rule needs every value, and they are many."
                  "[/yellow]")  # fmt: skip
    for suggestion in found.suggestions:
        part = "" if suggestion.series == figures.series else f", tried on {suggestion.series:,} series"
        out.print(f"  [cyan]→[/cyan] {suggestion}{part}")
    for series, count, line in found.drawn:
        out.print(_line(line), end=" ")
        out.print(f"{count:>5,} alerts  {series.project}/{series.subject}  {line.lowest:g} to {line.highest:g}",
                  markup=False)  # fmt: skip


def _line(line: Sparkline) -> Any:
    from rich.text import Text

    drawn = Text("  ")
    for sign, firing in zip(line.text, line.firing, strict=True):
        drawn.append(sign, style="red" if firing else "dim")
    return drawn


def _length(length: timedelta | None) -> str:
    from quality_platform.model.durations import written

    return "" if length is None else written(timedelta(seconds=round(length.total_seconds())))
