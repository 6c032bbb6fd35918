"""`scan`: one repository, here and now, without Dagster: into the lake, and a summary to look at."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quality_platform.collectors.contract import Progress
    from quality_platform.ingestion.collect import Collected
    from quality_platform.model.configuration import RepositorySource
    from quality_platform.settings import Settings
    from quality_platform.warehouse.lake import Lake

EXAMPLE = "quality-platform scan ~/code/my-project --history 200"
ALL = 1_000_000


def command(
    repository: Annotated[str, typer.Argument(help="Path or URL of a git repository.")] = ".",
    history: Annotated[str, typer.Option("--history", help="Commits to read, or `all`.")] = "50",
    bandit: Annotated[
        bool, typer.Option("--bandit", help="Let bandit look as well as ruff; ten times as long.")
    ] = False,
    json_output: Json = False,
) -> None:
    """Read a repository's commits into the lake and sum up the newest. Nothing in it is run."""
    settings = begin("scan")
    from quality_platform.cli.home import require_room
    from quality_platform.cli.scan_summary import summed_up
    from quality_platform.warehouse.lake import Lake

    require_room(settings)
    lake = Lake(settings, one_connection=True)
    source = _source(repository, history, bandit=bandit)
    project, before, result = _scan(settings, lake, source, quiet=json_output)
    found = {
        "project": project,
        "stored": result.rows,
        "refused": result.rejected,
        **summed_up(lake, project, before),
    }
    if json_output:
        output.as_json(found)
    else:
        _show(found)


def _limit(history: str) -> int:
    from quality_platform.errors import UsageError

    if history == "all":
        return ALL
    if history.isdigit() and int(history) > 0:
        return int(history)
    raise UsageError(f"--history {history!r} is not a number of commits.", hint="Write a number above 0, or all.")


def _source(repository: str, history: str, *, bandit: bool) -> RepositorySource:
    from pathlib import Path

    from quality_platform.configuration.effective import absolute_url
    from quality_platform.model.configuration import RepositorySource

    return RepositorySource(
        url=absolute_url(repository, Path.cwd()),
        history=_limit(history),
        findings=("ruff", "taint", "secrets", *(("bandit",) if bandit else ())),
    )


def _scan(
    settings: Settings, lake: Lake, source: RepositorySource, *, quiet: bool
) -> tuple[str, str | None, Collected]:
    from concurrent.futures import ThreadPoolExecutor

    from quality_platform.collectors.repository import COLLECTOR
    from quality_platform.configuration.effective import project_id
    from quality_platform.ingestion.collect import collect, fetch
    from quality_platform.ingestion.given import context
    from quality_platform.model.configuration import ProjectConfig, QualityConfig

    project = ProjectConfig(id=project_id(source.url), repository=source)
    (task,) = COLLECTOR.find(QualityConfig(projects=(project,)))
    with bar(quiet=quiet) as progress, ThreadPoolExecutor(1) as beside:
        given = context(settings, lake, progress)
        # git copies the commits while DuckDB makes its tables; each takes half a second
        fetching = beside.submit(fetch, settings, COLLECTOR, task, given)
        lake.set_up()
        progress("fetching commits", 0, 0)
        fetching.result()
        before = (lake.cursor(task.source.source_id) or {}).get("head")
        done = collect(lake, COLLECTOR, task, given, run_id=None)
        return project.id, before if isinstance(before, str) else None, done


@contextmanager
def bar(*, quiet: bool) -> Iterator[Progress]:
    """A bar that shows how far something is, as long as somebody may be looking."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=output.console(stderr=True), transient=True, disable=quiet,
    ) as bar:  # fmt: skip
        current = bar.add_task("reading", total=None)
        yield lambda what, done, total: bar.update(current, description=what, completed=done, total=total or None)


def _show(found: dict[str, Any]) -> None:
    out, summary = output.console(), found["summary"]
    if summary["commit_sha"] is None:
        out.print(f"{found['project']}: no commits with files.")
        return
    out.print(
        f"[bold]{found['project']}[/bold] at {summary['commit_sha'][:10]} ({summary['committed_at']:%Y-%m-%d}): "
        f"{_numbers(summary, found['copies'])}"
    )
    out.print(f"[dim]stored: {', '.join(f'{n:,} {t}' for t, n in found['stored'].items() if n) or 'nothing new'}[/dim]")
    _show_since(found["since_last_scan"])
    output.table(
        "Findings", ("Severity", "Findings", "Files", "By"),
        [
            [(row["severity"], _tone(row["severity"])), row["findings"], row["files"], row["tools"]]
            for row in found["findings"]
        ],
        empty="None.",
    )  # fmt: skip
    output.table(
        "Look at first: changed often in a year, and complex", ("File", "Commits", "Complexity"),
        [[row["path"], row["commits"], row["complexity"]] for row in found["hotspots"]],
        empty="No changes were read.",
    )  # fmt: skip
    output.table(
        "Most complex", ("Complexity", "Rank", "Cognitive", "Function", "Place"),
        [
            [
                row["cyclomatic_complexity"], row["rank"], row["cognitive_complexity"], row["qualified_name"],
                f"{row['path']}:{row['start_line']}",
            ]
            for row in found["most_complex"]
        ],
    )  # fmt: skip


def _numbers(summary: dict[str, Any], copies: dict[str, Any]) -> str:
    other = f" and {summary['other_lines']:,} of other languages" if summary["other_lines"] else ""
    groups = f", {copies['groups']:,} blocks that stand in several places" if copies["groups"] else ""
    lines = f"{summary['lines_of_code'] or 0:,} lines{other}"
    complexity = f"complexity {summary['cyclomatic_complexity'] or 0:,}"
    index = f"maintainability {summary['maintainability_index'] or 0:.1f}"
    analysed = f"{summary['analysed_percent'] or 0:.1f}% analysed"
    files = f"{summary['files']:,} files, {summary['python_files']:,} of Python"
    return f"{files}, {lines}, {complexity}, {index}, {analysed}{groups}"


def _show_since(since: dict[str, Any] | None) -> None:
    if since is None:
        return
    output.console().print(
        f"Since the last scan ({since['commit_sha'][:10]}): {len(since['new']):,} new findings above low, "
        f"{since['gone']:,} gone"
    )
    if since["new"]:
        output.table(
            "New", ("Place", "Rule", "What"),
            [[f"{row['path']}:{row['line']}", (row["rule"], _tone(row["severity"])), row["message"]]
             for row in since["new"][:10]],
        )  # fmt: skip


def _tone(severity: str) -> str:
    return {"critical": "critical", "high": "error", "medium": "warning"}.get(severity, "")
