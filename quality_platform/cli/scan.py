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

# Radon's numbers of the newest commit, straight from the raw rows: no model has to run first.
SUMMARY = """
    WITH head AS (
        SELECT * FROM raw.code_commits WHERE project = ? AND on_main ORDER BY "position" DESC LIMIT 1
    )
    SELECT any_value(head.commit_sha) AS commit_sha, any_value(head.committed_at) AS committed_at,
           any_value(head.author) AS author, count(*) AS files,
           count(m.blob_id) AS python_files, sum(m.lines_of_code) AS lines_of_code,
           sum(m.source_lines) AS source_lines, sum(m.cyclomatic_complexity) AS cyclomatic_complexity,
           sum(m.maintainability_index * m.source_lines) / nullif(sum(m.source_lines), 0) AS maintainability_index,
           100.0 * count(*) FILTER (m.analysed) / nullif(count(m.blob_id), 0) AS analysed_percent
    FROM head
    JOIN raw.code_files f USING (project, commit_sha)
    LEFT JOIN raw.code_file_metrics m
        ON m.project = f.project AND m.blob_id = f.blob_id AND f.language = 'python'
"""

WORST = """
    WITH head AS (
        SELECT * FROM raw.code_commits WHERE project = ? AND on_main ORDER BY "position" DESC LIMIT 1
    )
    SELECT f.path, u.qualified_name, u.start_line, u.cyclomatic_complexity, u."rank"
    FROM head
    JOIN raw.code_files f USING (project, commit_sha)
    JOIN raw.code_functions u ON u.project = f.project AND u.blob_id = f.blob_id AND u.kind <> 'class'
    WHERE f.language = 'python'
    ORDER BY u.cyclomatic_complexity DESC, f.path LIMIT 5
"""

FINDINGS = """
    WITH head AS (
        SELECT * FROM raw.code_commits WHERE project = ? AND on_main ORDER BY "position" DESC LIMIT 1
    )
    SELECT g.severity, count(*) AS findings, count(DISTINCT f.path) AS files
    FROM head
    JOIN raw.code_files f USING (project, commit_sha)
    JOIN raw.code_findings g ON g.project = f.project AND g.blob_id = f.blob_id
    WHERE f.language = 'python'
    GROUP BY 1 ORDER BY min(list_position(['critical', 'high', 'medium', 'low', 'info'], g.severity))
"""


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
    from quality_platform.warehouse.lake import Lake

    require_room(settings)
    lake = Lake(settings, one_connection=True)
    project, result = _scan(settings, lake, _source(repository, history, bandit=bandit), quiet=json_output)
    found = {
        "project": project,
        "stored": result.rows,
        "refused": result.rejected,
        "summary": lake.rows(SUMMARY, [project])[0],
        "findings": lake.rows(FINDINGS, [project]),
        "most_complex": lake.rows(WORST, [project]),
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


def _scan(settings: Settings, lake: Lake, source: RepositorySource, *, quiet: bool) -> tuple[str, Collected]:
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
        return project.id, collect(lake, COLLECTOR, task, given, run_id=None)


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
        f"{summary['files']:,} files, {summary['python_files']:,} of Python, {summary['lines_of_code'] or 0:,} lines, "
        f"complexity {summary['cyclomatic_complexity'] or 0:,}, "
        f"maintainability {summary['maintainability_index'] or 0:.1f}, "
        f"{summary['analysed_percent'] or 0:.1f}% analysed"
    )
    out.print(f"[dim]stored: {', '.join(f'{n:,} {t}' for t, n in found['stored'].items() if n) or 'nothing new'}[/dim]")
    output.table(
        "Findings", ("Severity", "Findings", "Files"),
        [[(row["severity"], _tone(row["severity"])), row["findings"], row["files"]] for row in found["findings"]],
        empty="None.",
    )  # fmt: skip
    output.table(
        "Most complex", ("Complexity", "Rank", "Function", "Place"),
        [
            [row["cyclomatic_complexity"], row["rank"], row["qualified_name"], f"{row['path']}:{row['start_line']}"]
            for row in found["most_complex"]
        ],
    )  # fmt: skip


def _tone(severity: str) -> str:
    return {"critical": "critical", "high": "error", "medium": "warning"}.get(severity, "")
