"""Where in a YAML file a value stands, for messages that name the line.

Belongs here: from a path of keys and places to a line. Does not belong here: reading or checking the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def line_of(data: Any, where: Sequence[int | str]) -> int:
    """The line, from 1, of what `where` leads to in ruamel's round-trip `data`, as far as it leads anywhere."""
    line = 0
    for part in where:
        position = getattr(data, "lc", None)
        if position is None or not _has(data, part):
            break
        line = position.key(part)[0] if isinstance(part, str) else position.item(part)[0]
        data = data[part]
    return line + 1


def field_of(where: Sequence[int | str]) -> str:
    """The same path as people write it: `rules[2].metric_name`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")


def _has(data: Any, part: int | str) -> bool:
    if isinstance(data, dict):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and part < len(data)
