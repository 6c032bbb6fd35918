"""Reaching into a decoded JSON object by name.

Belongs here: dotted names. Does not belong here: which names mean what (`logs/json_line.py`, the mapping of
usage events).
"""

from __future__ import annotations

from typing import Any


def lookup(record: dict[str, Any], name: str) -> object:
    """The value of `name`; `a.b` is the field called "a.b", or else field b of object a. None when absent."""
    value = record.get(name)
    if value is None and "." in name:
        first, _, rest = name.partition(".")
        inner = record.get(first)
        return lookup(inner, rest) if isinstance(inner, dict) else None
    return value


def printable(value: str, limit: int) -> str:
    """`value` within `limit` bytes, without zero bytes and half characters, which databases refuse."""
    if not value.isascii():
        value = value.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
    return value[:limit].replace("\0", "\ufffd")
