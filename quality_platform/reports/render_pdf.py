"""A report as PDF, typeset by Typst: the same blocks as the page, laid out for A4.

The text reaches the template as data (JSON in `sys.inputs`), never as markup: Typst inserts a string as
letters, whatever is in it. The template imports no package, so nothing is looked for on the network.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import datetime
from importlib import resources
from itertools import groupby
from typing import Any

from quality_platform.model.message import Block, Cell, Grid, Message, Paragraph, Plot
from quality_platform.model.time import as_utc
from quality_platform.notifications.plain import cleaned, clipped, safe_url, single_line
from quality_platform.notifications.plots.pictures import svg
from quality_platform.notifications.plots.words import described, mark_lines
from quality_platform.notifications.tones import LIGHT, WORDS

# Longer words (paths, hashes, addresses) get places to break, or they would run out of their column.
_LONG_WORD = re.compile(r"\S{21,}")
_PIECE = re.compile(r"[^/_.\-:@=&?]{1,20}[/_.\-:@=&?]{0,5}|[/_.\-:@=&?]{1,20}")
_BREAK = "\u200b"
# A heading that fills a page, repeated at the top of every page, would leave no room for anything else.
LONGEST_NAME, LONGEST_TEXT = 200, 2000
# Shares of a table's width, in characters.
NARROWEST, WIDEST = 7, 45


def render_pdf(message: Message, created_at: datetime | None = None) -> bytes:
    """The document. Equal messages of equal time give equal bytes on one machine."""
    import typst

    with resources.as_file(resources.files("quality_platform.reports") / "templates") as templates:
        document = typst.compile(
            templates / "report.typ",
            root=templates,
            format="pdf",
            sys_inputs={"report": json.dumps(_report(cleaned(message), created_at))},
            timestamp=0 if created_at is None else int(as_utc(created_at).timestamp()),
        )
    assert isinstance(document, bytes)
    return document


def _report(message: Message, created_at: datetime | None) -> dict[str, Any]:
    """What the template reads."""
    return {
        **_data(replace(message, blocks=())),
        "created": "" if created_at is None else f"{as_utc(created_at):%Y-%m-%d %H:%M} UTC",
        "words": dict(WORDS),
        "colours": {name: getattr(LIGHT, name) for name in ("ink", "muted", "hairline", "link")},
        "shades": {tone: asdict(shade) for tone, shade in LIGHT.tones.items()},
        "blocks": list(_blocks(message.blocks)),
    }


def _blocks(blocks: tuple[Block, ...]) -> Iterator[dict[str, Any]]:
    """Blocks as objects with their `kind`; plots that follow each other as one, to stand side by side."""
    for is_plot, run in groupby(blocks, lambda block: isinstance(block, Plot)):
        if is_plot:
            yield {"kind": "plots", "plots": [_plot(block) for block in run if isinstance(block, Plot)]}
        else:
            yield from ({"kind": type(block).__name__.lower(), **_data(block), **_columns(block)} for block in run)


def _columns(block: Block) -> dict[str, Any]:
    """Widths of a table's columns, as shares: by their longest text, so that none is squeezed to nothing."""
    if not isinstance(block, Grid):
        return {}
    columns = zip(block.header, *([_length(cell) for cell in row] for row in block.rows), strict=True)
    return {"widths": [min(max(len(name), *lengths, NARROWEST), WIDEST) for name, *lengths in columns]}


def _length(cell: Cell) -> int:
    """Characters of a cell, a badge counted as so many."""
    return len(cell.text) + (10 if WORDS[cell.tone] else 0)


def _plot(plot: Plot) -> dict[str, Any]:
    return {
        "title": _data(plot.title, "title"),
        "unit": _data(plot.unit, "unit"),
        "svg": svg(plot, outlines=True),
        "described": _data(described(plot)),
        "marks": _data(tuple(mark_lines(plot))),
    }


def _data(value: Any, name: str = "") -> Any:
    """A block as JSON values: text breakable, links that lead nowhere safe as null."""
    if name in {"link", "url"}:
        return safe_url(value)
    if isinstance(value, str):
        return breakable(single_line(value, LONGEST_NAME if name in {"header", "title", "unit"} else LONGEST_TEXT))
    if isinstance(value, Paragraph):  # the only block that may have lines
        return {"text": breakable(clipped(value.text, LONGEST_TEXT)), "tone": value.tone}
    if isinstance(value, tuple):
        return [_data(entry, name) for entry in value]
    if is_dataclass(value):
        return {field.name: _data(getattr(value, field.name), field.name) for field in fields(value)}
    return value


def breakable(text: str) -> str:
    """`text` with invisible places to break inside long words."""
    return _LONG_WORD.sub(lambda word: _BREAK.join(_PIECE.findall(word[0])), text)
