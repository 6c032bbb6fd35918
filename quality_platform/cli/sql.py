"""`sql`: the lake for analysts, read-only, while the pipeline writes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin
from quality_platform.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from quality_platform.settings import Settings
    from quality_platform.warehouse.lake import Lake

Answer = TypeVar("Answer")

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
    text = query if query is not None else sys.stdin.read()
    if csv:
        _csv(lake, text)
    elif json_output:
        output.as_json(_asked(lambda: lake.rows(text)))
    else:
        _show(lake, text)


def _asked(ask: Callable[[], Answer]) -> Answer:
    """An answer of DuckDB, or its objection as an error of usage."""
    import duckdb

    try:
        return ask()
    except duckdb.Error as error:
        hint = "Tables: `show all tables`; columns: `describe marts.fct_observations`."
        raise UsageError(str(error), hint=hint) from error


def _csv(lake: Lake, query: str) -> None:
    from pyarrow import csv as writer

    writer.write_csv(_asked(lambda: lake.read(query)), sys.stdout.buffer)


def _show(lake: Lake, query: str) -> None:
    with lake.connect() as connection:
        found = _asked(lambda: connection.execute(query))
        names = [column[0] for column in found.description or ()]
        rows = _asked(lambda: found.fetchmany(SHOWN_ROWS + 1))
    more = len(rows) > SHOWN_ROWS
    output.table(f"{'More than ' if more else ''}{min(len(rows), SHOWN_ROWS)} rows", names, rows[:SHOWN_ROWS])
    if more:
        output.console().print(f"[dim]… the first {SHOWN_ROWS}; --csv prints all[/dim]")


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
        _show(lake, query)
    except UsageError as error:
        output.failure(error, json_output=False)
