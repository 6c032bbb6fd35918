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

from quality_platform.model.message import Block, Message, Plot
from quality_platform.model.time import as_utc
from quality_platform.notifications.plain import cleaned, safe_url
from quality_platform.notifications.plots.pictures import svg
from quality_platform.notifications.plots.words import described, mark_lines
from quality_platform.notifications.tones import LIGHT, WORDS

# Longer words (paths, hashes, addresses) get places to break, or they would run out of their column.
_LONG_WORD = re.compile(r"\S{21,}")
_PIECE = re.compile(r"[^/_.\-:@=&?]{1,20}[/_.\-:@=&?]*|[/_.\-:@=&?]+")
_BREAK = "\u200b"


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
            yield from ({"kind": type(block).__name__.lower(), **_data(block)} for block in run)


def _plot(plot: Plot) -> dict[str, Any]:
    return {
        "title": breakable(plot.title),
        "unit": breakable(plot.unit),
        "svg": svg(plot, outlines=True),
        "described": breakable(described(plot)),
        "marks": [breakable(line) for line in mark_lines(plot)],
    }


def _data(value: Any, name: str = "") -> Any:
    """A block as JSON values: text breakable, links that lead nowhere safe as null."""
    if name in {"link", "url"}:
        return safe_url(value)
    if isinstance(value, str):
        return breakable(value)
    if isinstance(value, tuple):
        return [_data(entry) for entry in value]
    if is_dataclass(value):
        return {field.name: _data(getattr(value, field.name), field.name) for field in fields(value)}
    return value


def breakable(text: str) -> str:
    """`text` with invisible places to break inside long words."""
    return _LONG_WORD.sub(lambda word: _BREAK.join(_PIECE.findall(word[0])), text)
