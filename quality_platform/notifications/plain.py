"""Text that is safe to show anywhere, before a format adds its own escaping.

Belongs here: what must go from text whatever it is rendered as. Does not belong here: the escaping of one
format (that format's file).
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar
from urllib.parse import urlsplit

from quality_platform.model.message import Plot

T = TypeVar("T")

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
# Overrides of the writing direction make text read otherwise than it is stored ("Trojan Source", CVE-2021-42574).
_DIRECTION = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
# Half of a surrogate pair, as Python reads a file name that is not UTF-8, cannot be encoded again.
_SURROGATES = range(0xD800, 0xE000)
_TABLE: dict[int, str | None] = {
    **dict.fromkeys((*_CONTROLS, *_DIRECTION)),
    **dict.fromkeys(_SURROGATES, "\ufffd"),
    0x09: " ",
    0x0A: "\n",
    0x85: "\n",
    0x2028: "\n",
    0x2029: "\n",
}


def printable(text: str) -> str:
    """`text` without control characters, terminal escapes and direction overrides; line breaks stay."""
    if text.isprintable():  # almost every text: a third of what a message costs otherwise
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_TABLE)


def single_line(text: str, limit: int = 1000) -> str:
    """`text` on one line of at most `limit` characters: fit for a header."""
    return clipped(" ".join(printable(text).split()), limit)


def clipped(text: str, limit: int) -> str:
    """`text`, cut to `limit` characters with an ellipsis where it is longer."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def cleaned(value: T) -> T:
    """A message, block or anything made of them, with every text in it made `printable`."""
    if isinstance(value, str):
        return printable(value)  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(cleaned(entry) for entry in value)  # type: ignore[return-value]
    if isinstance(value, Plot):  # not its points: there may be many, and none is text
        return replace(value, title=printable(value.title), unit=printable(value.unit), marks=cleaned(value.marks))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: cleaned(getattr(value, field.name)) for field in fields(value)})
    return value


def safe_url(url: str | None) -> str | None:
    """`url` where a reader may be sent there: absolute http or https without spaces; else None."""
    if url is None or len(url) > 2000 or any(character.isspace() for character in url) or url != printable(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None
