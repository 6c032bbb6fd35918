"""A message as a few lines for a phone's lock screen: the summary, facts in short, what happened.

Belongs here: what is left out where there is little room. Title and links are the channel's own fields.
"""

from __future__ import annotations

from quality_platform.model.message import Facts, Heading, Item, Items, Message, Paragraph
from quality_platform.notifications.plain import cleaned, single_line
from quality_platform.notifications.tones import WORDS

# of a group's alerts; more is read elsewhere than on a lock screen
MOST_ITEMS = 10


def render(message: Message, most_bytes: int) -> str:
    """Lines of at most `most_bytes` in UTF-8; never empty."""
    message = cleaned(message)
    lines = [single_line(message.summary, 500)]
    for block in message.blocks:
        if isinstance(block, Heading):
            break  # what follows says the same at length
        if isinstance(block, Paragraph):
            lines.append(single_line(block.text, 500))
        elif isinstance(block, Items):
            lines += [_line(item) for item in block.items[:MOST_ITEMS]]
            if len(block.items) > MOST_ITEMS:
                lines.append(f"… and {len(block.items) - MOST_ITEMS} more")
        elif isinstance(block, Facts) and not message.summary:
            lines += [single_line(f"{name}: {value}", 200) for name, value in block.pairs]
    return _cut("\n".join(line for line in lines if line) or message.title or "-", most_bytes)


def _line(item: Item) -> str:
    word = f"{WORDS[item.tone]}: " if WORDS[item.tone] else ""
    return single_line(f"• {word}{item.text}", 200)


def _cut(text: str, most_bytes: int) -> str:
    content = text.encode("utf-8", "replace")
    if len(content) <= most_bytes:
        return content.decode()
    return content[: most_bytes - 3].decode("utf-8", "ignore") + "…"
