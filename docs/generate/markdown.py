"""The little Markdown that templates cannot write by themselves: cells, tables, anchors.

Does not belong here: what stands in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def cell(value: object) -> str:
    """`value` as it can stand in a table: one line, no bar that would end the cell, a dash for nothing."""
    text = " ".join(str("" if value is None else value).split())
    return text.replace("|", r"\|") or "–"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell(value) for value in line) + " |" for line in lines)


def code(values: Iterable[object], *, between: str = ", ") -> str:
    """Each of `values` set as code."""
    return between.join(f"`{value}`" for value in values)


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading: small letters, no punctuation, dashes for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
