"""How verbs speak: tables and sentences for people, JSON for programs, errors that say what to do."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from quality_platform.errors import QualityPlatformError

WIDE = 200

COLOURS = {
    "critical": "bold red",
    "error": "red",
    "warning": "yellow",
    "good": "green",
    "ok": "green",
    "info": "cyan",
}


def console(*, stderr: bool = False) -> Console:
    """A console for people; colours only where someone looks."""
    from rich.console import Console

    # in a pipe or a file there is room: a path in a table is one word, which can be copied
    is_seen = (sys.stderr if stderr else sys.stdout).isatty()
    width = None if is_seen else shutil.get_terminal_size((WIDE, 50)).columns
    return Console(stderr=stderr, highlight=False, soft_wrap=True, width=width)


def as_json(value: Any) -> None:
    """Print `value` as JSON."""
    sys.stdout.write(json_text(value) + "\n")


def json_text(value: Any) -> str:
    """`value` as JSON; instants as ISO 8601, bytes as text, what is not finite as null."""
    import orjson

    return orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[Any]], *, empty: str = "Nothing.") -> None:
    """Print rows as a table; numbers stand to the right. A cell may be (text, colour name)."""
    from rich.table import Table
    from rich.text import Text

    out = console()
    if not rows:
        out.print(f"[bold]{title}[/bold]  {empty}")
        return
    drawn = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for index, name in enumerate(header):
        right = all(isinstance(row[index], int | float) for row in rows)
        # an id is there to be copied
        drawn.add_column(name, justify="right" if right else "left", overflow="fold", no_wrap=name == "Id")
    for row in rows:
        drawn.add_row(*(_cell(cell, Text) for cell in row))
    out.print(drawn)


def instant(value: datetime | None, absent: str = "") -> str:
    """An instant in a table, to the minute, UTC; `absent` where there is none."""
    return f"{value:%Y-%m-%d %H:%M}" if value is not None else absent


def _cell(cell: Any, text: Any) -> Any:
    if isinstance(cell, tuple):
        return text(str(cell[0]), style=COLOURS.get(cell[1], ""))
    if isinstance(cell, float):
        return f"{cell:,.6g}"
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell:,}"
    return text("" if cell is None else str(cell))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def failure(error: QualityPlatformError, *, json_output: bool) -> None:
    """Print an error: the sentence and what to do, on stderr."""
    if json_output:
        sys.stderr.write(json.dumps({"error": error.message, "hint": error.hint}) + "\n")
        return
    out = console(stderr=True)
    out.print(f"[bold red]Error:[/bold red] {_escape(error.message)}")
    if error.hint:
        out.print(f"[dim]{_escape(error.hint)}[/dim]")


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
