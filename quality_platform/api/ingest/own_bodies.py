"""Bodies of own JSON: one object, a list, an envelope that holds a list, or one object a line.

Belongs here: finding the items. Does not belong here: what an item must have (`own_items.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from quality_platform.api.ingest.contract import RefusedError

MOST_ITEMS = 50_000
LINES = ("application/x-ndjson", "application/jsonl", "application/ndjson", "application/jsonlines")


def items_of(body: bytes, media_type: str, names: Sequence[str], category: str) -> list[Any]:
    """The items of a body: NDJSON, a list, an object that holds a list under one of `names`, or one object.

    A line that is no JSON becomes its bytes, which no door takes. Raises RefusedError, 400, for a body without items.
    """
    if media_type in LINES:
        items = [_line(line) for line in body.splitlines() if line.strip()]
    else:
        items = _document(body, names, category)
    if not items:
        raise _refused("empty", "The body holds no items; send an object, a list, or one object a line.", category)
    if len(items) > MOST_ITEMS:
        message = f"The body holds more than {MOST_ITEMS:,} items; send smaller batches."
        raise RefusedError(413, "too_many", message, items={category: len(items)})
    return items


def _line(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return line


def _document(body: bytes, names: Sequence[str], category: str) -> list[Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) > 1 and isinstance(_line(lines[0]), dict):  # lines under the content type of one document
            return [_line(line) for line in lines]
        where = f"line {error.lineno}, column {error.colno}"
        raise _refused("json", f"The body is not valid JSON: {error.msg} at {where}.", category) from error
    if isinstance(found, dict):
        for name in names:
            if isinstance(found.get(name), list):
                return list(found[name])
        return [found]
    return found if isinstance(found, list) else [found]


def _refused(reason: str, message: str, category: str) -> RefusedError:
    return RefusedError(400, reason, message, items={category: 1})
