"""`gate`: may this change be merged? For CI: the exit code says it, and a file says why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from quality_platform.cli import output
from quality_platform.cli.session import begin

if TYPE_CHECKING:
    from quality_platform.gates.judging import Verdict
    from quality_platform.model.gate import GateCondition
    from quality_platform.settings import Settings

EXAMPLE = "quality-platform gate --base origin/main --format markdown --output gate.md"
Format = Literal["text", "markdown", "sarif", "junit", "json"]


def command(
    repository: Annotated[str, typer.Argument(help="Path of a git repository; its HEAD is judged.")] = ".",
    base: Annotated[str, typer.Option("--base", help="Branch or tag that the change is to be merged into.")] = "main",
    form: Annotated[Format, typer.Option("--format", help="Form of what is written.")] = "text",
    to: Annotated[Path | None, typer.Option("--output", help="File to write it to, besides the summary.")] = None,
) -> None:
    """Judge what HEAD has that the base has not: new findings, secrets, complexity, copies. Exit code 1 when it fails.

    Nothing is stored and nothing of the repository is run. The conditions are `gate` in quality.yaml.
    """
    settings = begin("gate")
    verdict = _verdict(settings, repository, base)
    text = _written(verdict, form)
    if to is not None:
        to.write_text(text or _plain(verdict), "utf-8")
    if to is not None or not text:
        _show(verdict)
    else:
        typer.echo(text)
    if not verdict.passes:
        raise typer.Exit(1)


def _verdict(settings: Settings, repository: str, base: str) -> Verdict:
    import os
    from tempfile import TemporaryDirectory

    from quality_platform.cli.scan import bar
    from quality_platform.gates.changes import read_changes
    from quality_platform.gates.judging import judge
    from quality_platform.gates.new_code import new_code

    with TemporaryDirectory(prefix="gate-") as folder, bar(quiet=False) as progress:
        progress("fetching commits", 0, 0)
        changes = read_changes(repository, base, Path(folder, "clone.git"))
        # nothing is kept, so hashes need a key for this run alone
        code = new_code(changes, Path(folder), os.urandom(32), settings.workers or os.cpu_count() or 1, progress)
    return judge(code, _conditions(settings))


def _conditions(settings: Settings) -> tuple[GateCondition, ...]:
    from quality_platform.configuration import loader
    from quality_platform.model.gate import DEFAULT_GATE

    found = loader.path_of(settings)
    configured = loader.load(found).gate if found is not None else None
    return DEFAULT_GATE if configured is None else configured


def _written(verdict: Verdict, form: Format) -> str:
    """The verdict in another form than text."""
    import json

    from quality_platform.gates.formats import junit, markdown, sarif

    if form == "markdown":
        return markdown.document(verdict)
    if form == "junit":
        return junit.document(verdict)
    if form in ("sarif", "json"):
        return json.dumps(sarif.document(verdict) if form == "sarif" else _as_data(verdict), indent=2) + "\n"
    return ""


def _as_data(verdict: Verdict) -> dict[str, object]:
    from dataclasses import asdict

    conditions = [
        {
            "measure": outcome.condition.measure, "value": outcome.value, "maximum": outcome.condition.maximum,
            "level": outcome.condition.level, "holds": outcome.holds,
        }
        for outcome in verdict.outcomes
    ]  # fmt: skip
    return {"passes": verdict.passes, "conditions": conditions, **asdict(verdict.code)}


def _plain(verdict: Verdict) -> str:
    from quality_platform.gates.formats import markdown

    return markdown.document(verdict)


def _show(verdict: Verdict) -> None:
    from quality_platform.gates.formats.markdown import SHOWN, TITLES

    out, code = output.console(), verdict.code
    rows = [
        [_sign(each.holds, each.fails), TITLES[each.condition.measure], each.shown, each.condition.maximum]
        for each in verdict.outcomes
    ]
    word = "[bold green]passed[/]" if verdict.passes else "[bold red]failed[/]"
    out.print(
        f"Quality gate {word}: {code.files:,} files, {code.lines:,} new lines, {len(code.findings):,} new findings, "
        f"{code.gone:,} gone ({code.base[:10]} to {code.head[:10]})"
    )
    output.table("Conditions", ("", "Condition", "Value", "At most"), rows)
    places = [place for outcome in verdict.outcomes if not outcome.holds for place in outcome.places]
    if places:
        output.table(
            "To look at", ("Place", "Rule", "What"),
            [[f"{place.path}:{place.line}", place.rule, place.title] for place in places[:SHOWN]],
        )  # fmt: skip


def _sign(holds: bool, fails: bool) -> tuple[str, str]:
    return ("✓", "good") if holds else ("✗", "error") if fails else ("!", "warning")
