"""`rules test`: do rules fire when they should? By files of series and expected alerts, in promtool's spirit.

Belongs here: files, the diff, the exit code. Does not belong here: running a test (`alerting/rehearsal.py`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin

if TYPE_CHECKING:
    from quality_platform.alerting.plan import Plan
    from quality_platform.alerting.rehearsal import Outcome
    from quality_platform.alerting.replaying.cases import CaseFile
    from quality_platform.settings import Settings

EXAMPLE = "quality-platform rules test rules.test.yaml --junit report.xml"
PATIENCE_SECONDS = 2.0


def command(
    files: Annotated[list[Path], typer.Argument(help="Files of tests.", metavar="FILE")],
    config: Annotated[
        Path | None, typer.Option("--config", help="The quality.yaml whose rules are meant; default the one in force.")
    ] = None,
    junit: Annotated[Path | None, typer.Option("--junit", help="Write the outcome there, too, as JUnit XML.")] = None,
    json_output: Json = False,
) -> None:
    """Run unit tests of rules. Exit code 1 when one fails, 2 when a file cannot be used."""
    settings = begin("rules test")
    plan = _plan(settings, config)
    cases = {str(path): _read(path) for path in files}
    with _progress(sum(len(file.tests) for file in cases.values()), quiet=json_output) as advance:
        outcomes = {name: list(_run(file, plan, advance)) for name, file in cases.items()}
    if junit is not None:
        _write(junit, outcomes)
    if json_output:
        output.as_json({name: [_entry(each) for each in found] for name, found in outcomes.items()})
    else:
        _show(outcomes)
    if not all(each.passed for found in outcomes.values() for each in found):
        raise typer.Exit(1)


def _plan(settings: Settings, config: Path | None) -> Plan:
    """The file's plan, whatever the API stored: a test must say the same everywhere."""
    from quality_platform.alerting.plan import Plan
    from quality_platform.configuration import loader
    from quality_platform.model.configuration import QualityConfig

    path = config or loader.path_of(settings)
    return Plan.of(loader.load(path) if path is not None else QualityConfig())


def _read(path: Path) -> CaseFile:
    from quality_platform.alerting.replaying.cases import CaseFile
    from quality_platform.configuration.loader import read_as
    from quality_platform.errors import UsageError

    file, problems, _ = read_as(CaseFile, path)
    if file is None:
        lines = "\n".join(f"  {path.name}, {problem}" for problem in problems)
        raise UsageError(f"{path} is no file of rule tests:\n{lines}\n", hint="docs/rules-testing.md shows one.")
    return file


def _run(file: CaseFile, plan: Plan, advance: Any) -> Iterator[Outcome]:
    from quality_platform.alerting.rehearsal import rehearse

    for outcome in rehearse(file, plan):
        advance()
        yield outcome


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Any]:
    """A bar for people, once it has taken two seconds."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    began = time.monotonic()
    with Progress(
        TextColumn("testing"), BarColumn(), MofNCompleteColumn(), console=output.console(stderr=True), transient=True,
        disable=quiet,
    ) as bar:  # fmt: skip
        task = bar.add_task("testing", total=total, visible=False)
        yield lambda: bar.update(task, advance=1, visible=time.monotonic() - began > PATIENCE_SECONDS)


def _write(path: Path, outcomes: dict[str, list[Outcome]]) -> None:
    from quality_platform.cli.junit import document
    from quality_platform.errors import UsageError

    try:
        path.write_text(document(outcomes), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def _entry(outcome: Outcome) -> dict[str, Any]:
    return {"name": outcome.name, "passed": outcome.passed, "error": outcome.error, "seconds": outcome.seconds,
            "differences": [{"at": each.at, "kind": each.kind, "alert": each.alert} for each in outcome.differences],
            }  # fmt: skip


def _show(outcomes: dict[str, list[Outcome]]) -> None:
    out = output.console()
    for name, found in outcomes.items():
        failed = [each for each in found if not each.passed]
        out.print(f"[bold]{name}[/bold]  {len(found) - len(failed)} of {len(found)} passed")
        for outcome in found:
            out.print("  [green]✓[/green] " if outcome.passed else "  [red]✗[/red] ", end="")
            out.print(outcome.name, markup=False)
            _diff(outcome)
    everything: Sequence[Outcome] = [each for found in outcomes.values() for each in found]
    failed = [each for each in everything if not each.passed]
    if failed:
        out.print(f"[bold red]{len(failed)} of {len(everything)} tests failed.[/bold red]")


def _diff(outcome: Outcome) -> None:
    out = output.console()
    if outcome.error is not None:
        out.print(f"      {outcome.error}", style="red", markup=False)
    at = ""
    for each in outcome.differences:
        if each.at != at:
            at = each.at
            out.print(f"      [bold]at {at}[/bold]")
        sign, colour = ("-", "red") if each.kind == "missing" else ("+", "green")
        out.print(f"      {sign} {each.alert}", style=colour, markup=False)
