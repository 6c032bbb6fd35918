"""`up`: everything with one command. Prepares the home, runs once, starts Dagster and the live service, says what it
found."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from quality_platform.cli import home, output, services
from quality_platform.cli.session import Json, begin, settings
from quality_platform.errors import QualityPlatformError, UsageError

if TYPE_CHECKING:
    from quality_platform.settings import Settings

EXAMPLE = "quality-platform up --repo ~/code/my-project"


def command(
    repo: Annotated[str | None, typer.Option("--repo", help="Path or URL; by default the current folder.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port of Dagster's pages.")] = None,
    api_port: Annotated[int | None, typer.Option("--api-port", help="Port that applications send to.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Run and report, but start no servers.")] = False,
    json_output: Json = False,
) -> None:
    """Set up, collect, transform, judge, report; then keep watching. Ctrl-C stops everything."""
    here = _settings(repo, port, api_port)
    with ExitStack() as stack:
        home.require_room(here)
        stack.enter_context(_alone(here))
        _check(here, once=once)
        home.prepare(here)
        begin("up")
        _run_once(here)
        _found(here, json_output=json_output)
        if not once:
            _serve(here)


def _settings(repo: str | None, port: int | None, api_port: int | None) -> Settings:
    """The settings with what was said on the command line; without a repository, the folder we are in."""
    from quality_platform.configuration.effective import absolute_url
    from quality_platform.configuration.loader import path_of

    base = settings()
    config = path_of(base)
    wanted = repo or base.repository or (None if config else _enclosing_repository())
    changes = {
        "home": base.root,
        "config": config.resolve() if config else None,
        "repository": absolute_url(wanted, Path.cwd()) if wanted else None,
        "dagster_port": port or base.dagster_port,
        "api_port": api_port or base.api_port,
    }
    return base.model_copy(update=changes)


def _enclosing_repository() -> str | None:
    answer = subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else None


def _alone(here: Settings) -> ExitStack:
    """One `up` per home."""
    from filelock import FileLock, Timeout

    stack = ExitStack()
    try:
        stack.enter_context(FileLock(here.root / "up.lock", timeout=0))
    except Timeout as error:
        raise QualityPlatformError(
            f"quality-platform is already running on {here.root}.",
            hint="End it with Ctrl-C in its terminal, or give this one another home with QUALITY_PLATFORM_HOME.",
        ) from error
    return stack


def _check(here: Settings, *, once: bool) -> None:
    """What would fail later is said now."""
    from quality_platform.configuration.effective import effective
    from quality_platform.ingestion import sources

    if not once:
        home.require_port(here.host, here.dagster_port, option="--port or QUALITY_PLATFORM_DAGSTER_PORT")
        home.require_port(here.host, here.api_port, option="--api-port or QUALITY_PLATFORM_API_PORT")
        if here.dagster_port == here.api_port:
            raise UsageError(f"Port {here.api_port} is wanted by both servers.", hint="Give --port or --api-port.")
    for collector, task in sources.tasks(effective(here)):
        if collector.name == "repository":
            sources.require_readable(here, collector, task)


def _run_once(here: Settings) -> None:
    """The first run, in a process of its own, so that its memory is given back."""
    # the first full run ends with a report
    first = not any(here.reports_dir.glob("*.html"))
    output.console(stderr=True).print("[bold]Collecting, transforming, judging[/bold] …")
    arguments = [sys.executable, "-m", "quality_platform", "run", "--alone", *(["--full"] if first else [])]
    ended = subprocess.run(arguments, env=_environment(here), check=False)
    if ended.returncode:
        raise QualityPlatformError("The run failed; the lines above say where.", hint=f"Details: {here.logs_dir}")


def _found(here: Settings, *, json_output: bool) -> None:
    from quality_platform.cli.status import overview, show

    found = overview(here)
    if json_output:
        output.as_json(found)
    else:
        show(found)


def _serve(here: Settings) -> None:
    out = output.console()
    running = (services.live_service(here), *services.dagster_services(here))
    environment = _environment(here)
    # set, not inherited: what a script starts in the background ignores Ctrl-C
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        services.start_all(running, environment)
        out.print(f"\n[bold green]Dagster[/bold green]  http://{here.host}:{here.dagster_port}")
        out.print(f"[bold green]Send to[/bold green]  {here.public_url or f'http://{here.host}:{here.api_port}'}"
                  "   [dim](quality-platform keys create PROJECT)[/dim]")  # fmt: skip
        out.print(f"[bold]SQL[/bold]      quality-platform sql   [dim](home {here.root})[/dim]")
        out.print(f"[bold]Reports[/bold]  {here.reports_dir}")
        out.print("[dim]Schedules and sensors are on. Ctrl-C stops everything.[/dim]")
        services.watch(running, environment, lambda text: out.print(f"[yellow]{text}[/yellow]"))
    except KeyboardInterrupt:
        out.print("\nStopping …")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        services.stop_all(running)
    out.print("Stopped.")


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _environment(here: Settings) -> dict[str, str]:
    return {**os.environ, **home.environment(here)}
