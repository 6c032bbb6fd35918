"""Pages by cursor: where the next page goes on, as text that means nothing to its reader.

A page begins behind the last thing of the one before, so nothing is shown twice or left out because something was added
or removed meanwhile, and the thousandth page costs what the first does.

Belongs here: the text of a cursor. Does not belong here: the query (`state/`).
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson

from quality_platform.errors import UsageError

MOST = 1_000
Key = tuple[Any, ...]


def written(sort: str, key: Key) -> str:
    """A cursor behind `key`, good for lists in the order `sort` alone."""
    return base64.urlsafe_b64encode(orjson.dumps([sort, *key])).decode().rstrip("=")


def read(cursor: str | None, sort: str, parts: int) -> Key | None:
    """The key that `written` was given. Raises UsageError for a cursor of another order, or none of ours."""
    if cursor is None:
        return None
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        found = orjson.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError):
        found = None
    if not isinstance(found, list) or len(found) != parts + 1 or found[0] != sort:
        raise UsageError("cursor: it is none of this list in this order.", hint="Begin again without one.")
    return tuple(found[1:])


def number(part: Any) -> int:
    """A part of a key that counts. Raises UsageError for what no table has as a number."""
    if isinstance(part, int) and not isinstance(part, bool) and 0 <= part < 2**63:
        return part
    raise UsageError("cursor: it is none of this list.", hint="Begin again without one.")
