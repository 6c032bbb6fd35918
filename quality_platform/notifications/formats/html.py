"""A message as HTML for mail: one self-contained page, styles inline, pictures by reference.

Everything that came from outside is escaped by the template engine; no string is marked as safe.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from quality_platform.model.message import Block, Message, Plot
from quality_platform.notifications.plain import cleaned, safe_url
from quality_platform.notifications.plots.words import described, mark_lines
from quality_platform.notifications.tones import LIGHT, WORDS, headline

if TYPE_CHECKING:
    from jinja2 import Environment


def render(message: Message, pictures: Sequence[str] = ()) -> str:
    """The page. `pictures` holds the address (such as `cid:…`) of each plot's picture, in the plots' order.

    A plot without a picture is told in words.
    """
    message = cleaned(message)
    template = environment("quality_platform.notifications").get_template("mail.html.j2")
    return template.render(
        message=message, headline=headline(message), blocks=list(_with_pictures(message, pictures)), theme=LIGHT
    )


def _with_pictures(message: Message, pictures: Sequence[str]) -> Iterator[tuple[Block, str, str | None]]:
    """Each block with its type's name in lower case and the address of its picture."""
    addresses = iter(pictures)
    for block in message.blocks:
        yield block, type(block).__name__.lower(), next(addresses, None) if isinstance(block, Plot) else None


@cache
def environment(package: str) -> Environment:
    """Templates of `package`, everything in them escaped, with the words that all pages share."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined)
    templates.globals["words"] = WORDS
    templates.filters.update(safe_url=safe_url, described=described, mark_lines=mark_lines)
    return templates
