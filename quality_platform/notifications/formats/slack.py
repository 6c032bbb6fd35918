"""A message as the JSON of a Slack message: Block Kit beside a bar in the tone's colour.

Limits are Slack's: 50 blocks to a message, 150 characters to a header, 3,000 to a text, ten fields of 2,000 to
a section. Text stays plain text where Block Kit allows it; elsewhere `&`, `<` and `>` are escaped, which also
disarms `<!channel>`, and `verbatim` keeps Slack from looking for mentions itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import singledispatch

from quality_platform.model.message import Block, Facts, Grid, Heading, Item, Items, Link, Message, Paragraph, Plot
from quality_platform.notifications.formats.text import table_lines
from quality_platform.notifications.plain import cleaned, clipped, safe_url, single_line
from quality_platform.notifications.plots.words import captioned, described, mark_lines, sparkline
from quality_platform.notifications.tones import LIGHT, WORDS, headline

Json = dict[str, object]

MOST_BLOCKS = 50
LONGEST_HEADER = 150
LONGEST_TEXT = 3000
MOST_FIELDS = 10
# A line that escaping makes five times as long (& to &amp;) still fits into one text.
LONGEST_LINE = 550
MOST_ROWS = 40
REPEATED = "Possible duplicate: an earlier attempt to send this was not answered."


def render(message: Message, *, repeated: bool = False) -> Json:
    """The body of a POST to an incoming webhook. `repeated`: Slack may have it already and cannot tell."""
    message = cleaned(message)
    blocks = [part for block in message.blocks for part in _blocks(block)]
    if message.summary:
        blocks.insert(0, _plain(message.summary))
    room = MOST_BLOCKS - 1 - repeated  # one is the header
    if len(blocks) > room:
        blocks = [*blocks[: room - 1], _plain(f"… and {len(blocks) - room + 1} more parts, left out here.")]
    if repeated:
        blocks.append({"type": "context", "elements": [_mrkdwn(REPEATED)]})
    title = single_line(headline(message), LONGEST_HEADER) or "-"
    return {
        "text": escaped(title),
        "blocks": [{"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}],
        "attachments": [{"color": LIGHT.tones[message.tone].text, "fallback": escaped(title), "blocks": blocks}],
    }


def escaped(text: str) -> str:
    """`text` on one line with Slack's three special characters as entities."""
    return _entities(single_line(text, LONGEST_LINE))


def _entities(text: str) -> str:
    # Three back quotes would begin or end a block of code.
    text = text.replace("```", "'''")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> Json:
    return {
        "type": "section",
        "text": {"type": "plain_text", "text": clipped(text, LONGEST_TEXT) or "-", "emoji": False},
    }


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _sections(lines: Iterable[str], before: str = "", after: str = "") -> Iterator[Json]:
    """Lines packed into as few sections as their length allows."""
    text = ""
    for line in lines:
        if text and len(before) + len(text) + 1 + len(line) + len(after) > LONGEST_TEXT:
            yield {"type": "section", "text": _mrkdwn(before + text + after)}
            text = ""
        text = f"{text}\n{line}" if text else line
    if text:
        yield {"type": "section", "text": _mrkdwn(before + text + after)}


@singledispatch
def _blocks(block: Block) -> Iterator[Json]:
    raise TypeError(f"no form for the block {type(block).__name__}")


@_blocks.register
def _heading(block: Heading) -> Iterator[Json]:
    if block.level < 3:
        yield {"type": "divider"}
    yield from _sections([f"*{escaped(block.text)}*"])


@_blocks.register
def _paragraph(block: Paragraph) -> Iterator[Json]:
    yield _plain(f"{WORDS[block.tone]}: {block.text}" if WORDS[block.tone] else block.text)


@_blocks.register
def _facts(block: Facts) -> Iterator[Json]:
    # The name is at most 500 characters escaped, so that both fit into a field's 2,000.
    fields = [_mrkdwn(f"*{escaped(name[:100])}*\n{escaped(value[:290])}") for name, value in block.pairs]
    for start in range(0, len(fields), MOST_FIELDS):
        yield {"type": "section", "fields": fields[start : start + MOST_FIELDS]}


@_blocks.register
def _grid(block: Grid) -> Iterator[Json]:
    if not block.rows:
        yield _plain(block.empty)
        return
    lines = [_entities(clipped(line, LONGEST_LINE)) for line in table_lines(block)]
    yield from _sections(lines[: MOST_ROWS + 2], "```\n", "\n```")
    if len(lines) > MOST_ROWS + 2:
        yield _plain(f"… and {len(lines) - MOST_ROWS - 2} more rows.")


@_blocks.register
def _items(block: Items) -> Iterator[Json]:
    if not block.items:
        yield _plain(block.empty)
    yield from _sections(line for item in block.items for line in _item(item))


def _item(item: Item) -> Iterator[str]:
    word = f"*{WORDS[item.tone]}:* " if WORDS[item.tone] else ""
    yield f"• {word}{escaped(item.text)}"
    if item.evidence:
        yield f"    _{escaped(item.evidence)}_"
    if safe_url(item.link):
        yield f"    {_linked('open', item.link)}"


def _linked(text: str, link: str | None) -> str:
    url = safe_url(link)
    return f"<{escaped(url.replace('|', '%7C'))}|{text}>" if url and len(url) <= LONGEST_LINE else text


@_blocks.register
def _plot(block: Plot) -> Iterator[Json]:
    words = [escaped(text) for text in (described(block), *mark_lines(block))]
    yield from _sections([f"*{escaped(captioned(block))}*", f"`{sparkline(block) or ' '}`", *words])


@_blocks.register
def _link(block: Link) -> Iterator[Json]:
    yield from _sections([_linked(escaped(block.text) or "-", block.url)])
