"""`sql`: the lake for analysts, read-only, while the pipeline writes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin
from quality_platform.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from quality_platform.settings import Settings
    from quality_platform.warehouse.lake import Lake

EXAMPLE = 'quality-platform sql "from marts.code_quality_by_commit order by committed_at desc limit 5"'
SHOWN_ROWS = 200


def command(
    query: Annotated[str | None, typer.Argument(help="SQL; without it, a shell opens.")] = None,
    json_output: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Query the lake (DuckDB's SQL); catalogs `raw` and `marts` are attached read-only."""
    settings = begin("sql")
    from quality_platform.warehouse.lake import Lake

    lake = Lake(settings)
    if query is None and sys.stdin.isatty():
        _shell(settings, lake)
        return
    rows = _run(lake, query if query is not None else sys.stdin.read())
    if csv:
        _csv(rows)
    elif json_output:
        output.as_json(rows.to_pylist())
    else:
        _show(rows)


def _run(lake: Lake, query: str) -> pa.Table:
    import duckdb

    try:
        return lake.read(query)
    except duckdb.Error as error:
        raise UsageError(
            str(error), hint="Tables: `show all tables`; columns: `describe marts.fct_observations`."
        ) from error


def _csv(rows: pa.Table) -> None:
    from pyarrow import csv as writer

    writer.write_csv(rows, sys.stdout.buffer)


def _show(rows: pa.Table) -> None:
    shown = rows.slice(0, SHOWN_ROWS)
    cells = [list(row.values()) for row in shown.to_pylist()]
    output.table(f"{rows.num_rows:,} rows", rows.column_names, cells)
    if rows.num_rows > SHOWN_ROWS:
        output.console().print(f"[dim]… the first {SHOWN_ROWS} of {rows.num_rows:,}; --csv prints all[/dim]")


def _shell(settings: Settings, lake: Lake) -> None:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory

    out = output.console()
    out.print("[dim]The lake, read-only. End a statement with ; and leave with Ctrl-D.[/dim]")
    prompt: PromptSession[str] = PromptSession(history=FileHistory(str(settings.root / "sql_history")))
    pending = ""
    while True:
        try:
            pending += prompt.prompt("lake> " if not pending else "   …> ") + "\n"
        except KeyboardInterrupt:
            pending = ""
        except EOFError:
            return
        if pending.strip().endswith(";"):
            _answer(lake, pending)
            pending = ""


def _answer(lake: Lake, query: str) -> None:
    try:
        _show(_run(lake, query))
    except UsageError as error:
        output.failure(error, json_output=False)
