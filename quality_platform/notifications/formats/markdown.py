"""A message as Markdown (GitHub's dialect): for issues, chat rooms and job summaries."""

from __future__ import annotations

import re
from functools import singledispatch
from urllib.parse import quote

from quality_platform.model.message import Block, Cell, Facts, Grid, Heading, Items, Link, Message, Paragraph, Plot
from quality_platform.notifications.plain import cleaned, safe_url, single_line
from quality_platform.notifications.plots.words import captioned, described, mark_lines, sparkline
from quality_platform.notifications.tones import WORDS, headline, with_word

# What has a meaning anywhere in a line, and what has one only where a line begins.
_INLINE = re.compile(r"([\\`*_\[\]|~$&])")
_AT_START = re.compile(r"^(?:[#+\-=>]|\d+[.)])")
# Not < and >, which end a link's destination.
_URL_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"


def render(message: Message) -> str:
    """The whole message, lines ended by a line feed."""
    message = cleaned(message)
    parts = [f"# {escaped(headline(message))}", escaped(message.summary), *map(_markup, message.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """`text` on one line, nothing in it read as Markdown or HTML."""
    line = _INLINE.sub(r"\\\1", single_line(text, 5000)).replace("<", "&lt;")
    line = _AT_START.sub(lambda start: f"{start[0][:-1]}\\{start[0][-1]}", line)
    # GitHub finds mentions after rendering, so escaping the sign is no help; a word joiner behind it is.
    return line.replace("@", "@\u2060")


def _linked(text: str, link: str | None) -> str:
    url = safe_url(link)
    return f"[{text}](<{quote(url, safe=_URL_CHARACTERS)}>)" if url else text


@singledispatch
def _markup(block: Block) -> str:
    raise TypeError(f"no form for the block {type(block).__name__}")


@_markup.register
def _heading(block: Heading) -> str:
    return f"{'#' * block.level} {escaped(block.text)}"


@_markup.register
def _paragraph(block: Paragraph) -> str:
    word = f"**{WORDS[block.tone]}:** " if WORDS[block.tone] else ""
    return word + "  \n".join(escaped(line) for line in block.text.split("\n"))


@_markup.register
def _facts(block: Facts) -> str:
    return "\n".join(f"- **{escaped(name)}:** {escaped(value)}" for name, value in block.pairs)


@_markup.register
def _grid(block: Grid) -> str:
    if not block.rows:
        return escaped(block.empty)
    rule = ["---:" if column in block.numeric else "---" for column in range(len(block.header))]
    rows = [[escaped(text) for text in block.header], rule, *([_cell(cell) for cell in row] for row in block.rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(cell: Cell) -> str:
    return _linked(escaped(with_word(cell.text, cell.tone)), cell.link)


@_markup.register
def _items(block: Items) -> str:
    lines = []
    for item in block.items:
        word = f"**{WORDS[item.tone]}:** " if WORDS[item.tone] else ""
        evidence = f" — {escaped(item.evidence)}" if item.evidence else ""
        lines.append(f"- {word}{_linked(escaped(item.text), item.link)}{evidence}")
    return "\n".join(lines) or escaped(block.empty)


@_markup.register
def _plot(block: Plot) -> str:
    lines = [f"**{escaped(captioned(block))}**", f"`{sparkline(block) or ' '}`"]
    return "  \n".join([*lines, escaped(described(block)), *map(escaped, mark_lines(block))])


@_markup.register
def _link(block: Link) -> str:
    return _linked(escaped(block.text), block.url)
