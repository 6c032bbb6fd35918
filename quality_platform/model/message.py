"""What is said to people, before it has a form: abstract blocks.

A report and an alert are both a `Message`. Renderers turn one into text, HTML, Slack blocks, Markdown or
Typst; nothing here knows about any of these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Tone = Literal["critical", "warning", "info", "good", "neutral"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the message's title."""

    text: str
    level: Literal[1, 2, 3] = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text, coloured by `tone`."""

    text: str
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, in pairs."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A table's cell: text, perhaps coloured, perhaps a link."""

    text: str
    tone: Tone = "neutral"
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. Every row is as long as `header`; `numeric` names the columns set to the right."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...] = ()
    empty: str = "Nothing."


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list: a sentence, its tone, and where its evidence is."""

    text: str
    tone: Tone = "neutral"
    evidence: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A list of sentences."""

    items: tuple[Item, ...]
    empty: str = "Nothing."


@dataclass(frozen=True, slots=True)
class Span:
    """A level that a series kept from one instant to another."""

    start: datetime
    end: datetime
    level: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected: instants, and of each the middle and the bounds of its interval; all of equal length."""

    times: tuple[datetime, ...]
    middle: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A time series to draw: instants and values of equal length, None for a gap.

    `threshold` is drawn as a line across; `marks` are instants worth pointing at, with a word each; `levels` are the
    stretches between steps, `outlook` what is expected next.
    """

    title: str
    unit: str
    times: tuple[datetime, ...]
    values: tuple[float | None, ...]
    threshold: float | None = None
    marks: tuple[tuple[datetime, str], ...] = ()
    tone: Tone = "neutral"
    levels: tuple[Span, ...] = ()
    outlook: Outlook | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Where to go on."""

    text: str
    url: str


Block = Heading | Paragraph | Facts | Grid | Items | Plot | Link


@dataclass(frozen=True, slots=True)
class Message:
    """A title, its tone, one line that stands for the whole, and the blocks."""

    title: str
    summary: str
    tone: Tone
    blocks: tuple[Block, ...] = field(default=())
