"""A report as one standalone HTML page: styles and plots inside, light and dark, no script, no request.

Belongs here: the page. Does not belong here: mail (`notifications/formats/html.py`), whose clients know little
of CSS, or print (`render_pdf.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from quality_platform.model.message import Block, Heading, Message, Plot
from quality_platform.model.time import as_utc
from quality_platform.notifications.formats.html import environment
from quality_platform.notifications.plain import cleaned
from quality_platform.notifications.plots.pictures import svg
from quality_platform.notifications.tones import DARK, LIGHT, headline


def render_html(message: Message, created_at: datetime | None = None) -> str:
    """The page. Everything in `message` is escaped; the plots' pictures hold nothing that users wrote."""
    message = cleaned(message)
    return (
        environment("quality_platform.reports")
        .get_template("report.html.j2")
        .render(
            message=message,
            headline=headline(message),
            groups=list(_groups(message.blocks)),
            sections=[block.text for block in message.blocks if isinstance(block, Heading) and block.level == 2],
            created_at=None if created_at is None else as_utc(created_at),
            svg=svg,
            themes={"light": LIGHT, "dark": DARK},
        )
    )


def _groups(blocks: tuple[Block, ...]) -> Iterator[tuple[str, list[Block]]]:
    """Blocks with their type's name in lower case; plots that follow each other together, to stand side by side."""
    for is_plot, run in groupby(blocks, lambda block: isinstance(block, Plot)):
        if is_plot:
            yield "plots", list(run)
        else:
            yield from ((type(block).__name__.lower(), [block]) for block in run)
