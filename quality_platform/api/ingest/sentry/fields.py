"""Reaching into payloads whose shape nobody vouches for: each function takes any JSON value and returns one type.

Belongs here: types and limits. Does not belong here: which fields mean what.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from typing import Any

_NO_EVENT = "0" * 32
_EVENT_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def an_object(value: Any) -> dict[str, Any]:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def a_list(value: Any) -> list[Any]:
    """`value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def some_text(value: Any) -> str | None:
    """`value` if it is text or a number, as text; None for anything else and for nothing."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def number(value: Any) -> float | None:
    """`value` if it is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def whole(value: Any) -> int | None:
    """`value` if it is a whole number from 0 that fits into 63 bits; digits as text count too."""
    if isinstance(value, str) and len(value) < 10 and value.isdecimal():
        return int(value)
    return value if type(value) is int and 0 <= value < 2**63 else None


def truth(value: Any) -> bool | None:
    """`value` if it is true or false."""
    return value if isinstance(value, bool) else None


def name(value: Any, limit: int = 1000) -> str | None:
    """`value` as text, its first `limit` characters. Not scrubbed: rows do that."""
    text = some_text(value)
    return text[:limit] if text is not None else None


def event_id(value: Any) -> str | None:
    """An event's id, 32 hexadecimal digits; None where it is none."""
    if not isinstance(value, str) or len(value) > 36:
        return None
    lowered = value.lower()
    if not _EVENT_ID.fullmatch(lowered):
        return None
    digits = lowered.replace("-", "")
    return digits if digits != _NO_EVENT else None


def digest(content: bytes) -> str:
    """32 hexadecimal digits that stand for `content`: an identity for what has none of its own."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def attributes(value: Any) -> dict[str, Any]:
    """Names and values of the attributes of spans, logs and metrics: `{"name": {"value": 1, "type": "integer"}}`."""
    found = an_object(value)
    return {key: item["value"] for key, item in found.items() if isinstance(item, dict) and "value" in item}


def user(value: Any) -> str | None:
    """What identifies a user best: id, e-mail, name, address. As sent; it becomes a pseudonym in the row."""
    found = an_object(value)
    for key in ("id", "email", "username", "ip_address"):
        text = some_text(found.get(key))
        if text and text != "{{auto}}":  # asks the server to take the sender's address, which nobody keeps here
            return text
    return None


def user_of_attributes(found: Mapping[str, Any]) -> str | None:
    """The user in attributes."""
    return user({key: found.get(f"user.{other}") for key, other in _USER_ATTRIBUTES.items()})


_USER_ATTRIBUTES = {"id": "id", "email": "email", "username": "name", "ip_address": "ip_address"}
