"""`scan`: one repository, here and now, without Dagster: into the lake, and a summary to look at."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quality_platform.cli import output, scan_kept
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
TOOLS = ("ruff", "taint", "secrets")


def command(
    repository: Annotated[str, typer.Argument(help="Path or URL of a git repository.")] = ".",
    history: Annotated[str, typer.Option("--history", help="Commits to read, or `all`.")] = "50",
    bandit: Annotated[
        bool, typer.Option("--bandit", help="Let bandit look as well as ruff; ten times as long.")
    ] = False,
    advisories: Annotated[
        str | None, typer.Option("--advisories", help="OSV records: a folder, a .zip, a .jsonl, or the URL of a .zip.")
    ] = None,
    json_output: Json = False,
) -> None:
    """Read a repository's commits into the lake and sum up the newest. Nothing in it is run."""
    settings = begin("scan")
    limit, tools = _limit(history), (*TOOLS, *(("bandit",) if bandit else ()))
    found = scan_kept.find(settings, repository, limit, tools) if advisories is None else None
    if found is None:
        found = _found(settings, repository, limit, tools, advisories, quiet=json_output)
    if json_output:
        output.as_json(found)
    else:
        from quality_platform.cli.scan_shown import show

        show(found)


def _found(
    settings: Settings, repository: str, history: int, tools: tuple[str, ...], advisories: str | None, *, quiet: bool
) -> dict[str, Any]:
    """What a scan finds, and keeps."""
    from quality_platform.cli.home import require_room
    from quality_platform.warehouse.lake import Lake
    from quality_platform.warehouse.newest_commit import summed_up

    require_room(settings)
    lake = Lake(settings, one_connection=True)
    source = _source(repository, history, tools)
    project, before, result = _scan(settings, lake, source, quiet=quiet)
    if advisories is not None:
        _read_advisories(settings, lake, advisories, quiet=quiet)
    snapshot = scan_kept.newest_snapshot(settings)  # before the questions: what somebody stores meanwhile is not in it
    known = summed_up(lake, project, before)
    found = {
        "project": project,
        "stored": result.rows,
        "refused": result.rejected,
        **known,
        "dependencies": _dependencies(lake, known),
    }
    scan_kept.keep(settings, repository, snapshot, lake.cursor(result.sources[0]), found)
    return found


def _limit(history: str) -> int:
    from quality_platform.errors import UsageError

    if history == "all":
        return ALL
    if history.isdigit() and int(history) > 0:
        return int(history)
    raise UsageError(f"--history {history!r} is not a number of commits.", hint="Write a number above 0, or all.")


def _source(repository: str, history: int, tools: tuple[str, ...]) -> RepositorySource:
    from pathlib import Path

    from quality_platform.configuration.effective import absolute_url
    from quality_platform.model.configuration import RepositorySource

    given = {"url": absolute_url(repository, Path.cwd()), "history": history, "findings": tools}
    return RepositorySource.model_validate(given)


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


def _read_advisories(settings: Settings, lake: Lake, place: str, *, quiet: bool) -> None:
    """Into the lake with them; what is there as it stands is not stored again."""
    from quality_platform.collectors.advisories import COLLECTOR
    from quality_platform.ingestion.collect import collect
    from quality_platform.ingestion.given import context
    from quality_platform.model.configuration import AdvisorySource, QualityConfig

    given = {"url": place} if "://" in place else {"path": place}
    (task,) = COLLECTOR.find(QualityConfig(advisories=AdvisorySource.model_validate(given)))
    with bar(quiet=quiet) as progress:
        collect(lake, COLLECTOR, task, context(settings, lake, progress), run_id=None)


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


def _dependencies(lake: Lake, known: dict[str, Any]) -> dict[str, Any]:
    """How many packages HEAD names, and those that a published advisory speaks of; None where none was ever read."""
    from quality_platform.warehouse.newest_commit import is_advised

    vulnerable = None
    if is_advised(lake):
        from quality_platform.assessment import vulnerable as advised

        vulnerable = advised.vulnerable(lake, known["dependencies"])
    return {"packages": known["summary"]["packages"], "vulnerable": vulnerable}
