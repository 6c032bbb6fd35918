"""A message as plain text: for terminals, logs, the text part of a mail."""

from __future__ import annotations

from functools import singledispatch

from quality_platform.model.message import Block, Facts, Grid, Heading, Items, Link, Message, Paragraph, Plot
from quality_platform.notifications.plain import cleaned, safe_url, single_line
from quality_platform.notifications.plots.words import captioned, described, mark_lines, sparkline
from quality_platform.notifications.tones import WORDS, headline, with_word

# Wider cells would make a table unreadable where lines wrap.
WIDEST_CELL = 60


def render(message: Message) -> str:
    """The whole message, lines ended by a line feed."""
    message = cleaned(message)
    title = single_line(headline(message))
    parts = [
        f"{title}\n{'=' * len(title)}",
        single_line(message.summary),
        *("\n".join(_lines(block)) for block in message.blocks),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


@singledispatch
def _lines(block: Block) -> list[str]:
    raise TypeError(f"no form for the block {type(block).__name__}")


@_lines.register
def _heading(block: Heading) -> list[str]:
    text = single_line(block.text)
    return [text, ("=" if block.level == 1 else "-") * len(text)] if block.level < 3 else [text]


@_lines.register
def _paragraph(block: Paragraph) -> list[str]:
    return [f"{WORDS[block.tone]}: {block.text}" if WORDS[block.tone] else block.text]


@_lines.register
def _facts(block: Facts) -> list[str]:
    width = max((len(name) for name, _ in block.pairs), default=0)
    return [f"{single_line(name):<{width}}  {single_line(value)}" for name, value in block.pairs]


@_lines.register
def _grid(block: Grid) -> list[str]:
    if not block.rows:
        return [single_line(block.empty)]
    return [*table_lines(block), *_cell_links(block)]


def table_lines(grid: Grid) -> list[str]:
    """The header, a rule and the rows as lines of aligned columns."""
    table = [[single_line(text, WIDEST_CELL) for text in grid.header]]
    table += [[with_word(single_line(cell.text, WIDEST_CELL), cell.tone) for cell in row] for row in grid.rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = [
        "  ".join(
            f"{text:>{width}}" if column in grid.numeric else f"{text:<{width}}"
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def _cell_links(block: Grid) -> list[str]:
    links = {single_line(cell.text, WIDEST_CELL): safe_url(cell.link) for row in block.rows for cell in row}
    return [f"  {text}: {url}" for text, url in links.items() if url]


@_lines.register
def _items(block: Items) -> list[str]:
    lines = []
    for item in block.items:
        text = single_line(item.text)
        lines.append(f"- {WORDS[item.tone]}: {text}" if WORDS[item.tone] else f"- {text}")
        lines += [f"  {single_line(more)}" for more in (item.evidence, safe_url(item.link)) if more]
    return lines or [single_line(block.empty)]


@_lines.register
def _plot(block: Plot) -> list[str]:
    return [line for line in (captioned(block), sparkline(block), described(block), *mark_lines(block)) if line]


@_lines.register
def _link(block: Link) -> list[str]:
    url = safe_url(block.url)
    return [f"{single_line(block.text)}: {url}" if url else single_line(block.text)]
