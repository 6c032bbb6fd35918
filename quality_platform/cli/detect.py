"""`detect`: what the detectors say of series in CSV files. Needs no state, no lake, no configuration."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from quality_platform.cli import output
from quality_platform.errors import UsageError

if TYPE_CHECKING:
    from quality_platform.cli.series_files import SeriesFile
    from quality_platform.detection.report import Detection
    from quality_platform.detection.tasks import Task

EXAMPLE = "quality-platform detect --task steps latency.csv throughput.csv.gz --output steps.csv"


class TaskName(StrEnum):
    """What may be asked; the tests hold it against `TASKS`, which costs imports."""

    steps = "steps"
    trends = "trends"
    anomalies = "anomalies"
    forecast = "forecast"


def command(
    files: Annotated[list[Path], typer.Argument(help="CSV files (.gz too) with timestamp,value or index,value.")],
    task: Annotated[TaskName, typer.Option(help="What to look for.")],
    destination: Annotated[
        Path | None, typer.Option("--output", "-o", help="The CSV to write; by default what is found is printed.")
    ] = None,
    online: Annotated[bool, typer.Option("--online", help="Row by row, as if the rest were not there yet.")] = False,
) -> None:
    """Look for steps, slow trends or anomalies in series, or forecast them.

    One series a file, its name the file's. Writes `series,index,reported_at,kind,direction,effect,p_value,score`:
    `index` is the row (from 0) that a finding is about, `reported_at` the row that had to arrive first. A forecast's
    rows are still to come; their `effect` is against the last value, their `score` half the interval of 90%.
    """
    asked = _task(task.value, online=online)
    with _written(destination) as sheet:
        writer = csv.writer(sheet, lineterminator="\n")
        writer.writerow(header())
        found = sum(_write(writer, series, asked, online=online) for series in _read(files))
    if destination is not None:
        output.console(stderr=True).print(
            f"[green]✓[/green] {found:,} found in {len(files):,} series, written to {destination}."
        )


def header() -> list[str]:
    """The columns of what is written."""
    from quality_platform.detection.report import Detection

    return ["series", *(field.name for field in fields(Detection))]


def _task(name: str, *, online: bool) -> Task:
    from quality_platform.detection import tasks

    found = tasks.task(name)
    if online and found.on_line is None:
        raise UsageError(f"{name} has no row-by-row form.", hint="Leave --online away.")
    return found


def _read(files: list[Path]) -> Iterator[SeriesFile]:
    from rich.progress import track

    from quality_platform.cli.series_files import read

    console = output.console(stderr=True)
    shown = track(files, description="Series", console=console, transient=True, disable=not console.is_terminal)
    yield from map(read, shown)


def _write(writer: Any, series: SeriesFile, task: Task, *, online: bool) -> int:
    found = _found(series, task, online=online)
    rows = [(series.name, *astuple(one)) for one in found]
    writer.writerows(rows)
    return len(rows)


def _found(series: SeriesFile, task: Task, *, online: bool) -> Iterable[Detection]:
    judge = task.row_by_row if online else task.batch
    return judge(series.times, series.values)


@contextmanager
def _written(destination: Path | None) -> Iterator[TextIO]:
    """The file, whole or not at all; standard output where none is named."""
    if destination is None:
        yield sys.stdout
        return
    part = destination.with_name(destination.name + ".part")
    try:
        with part.open("w", newline="", encoding="utf-8") as sheet:
            yield sheet
        part.replace(destination)
    except OSError as error:
        raise UsageError(f"{destination} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
