"""Database statements and cache keys without the values in them, so that like calls are one route.

Belongs here: what is a value in SQL, in a command of a key-value store, in a key. Does not belong here: e-mail
addresses and the like, which rows are scrubbed of anyway (`rows.py`).

In time linear in the statement: each alternative of the pattern takes what it began, and gives nothing back.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 4000
"""Characters that are looked at: the route keeps 1,000 of what is left."""

KEY_VALUE = frozenset(("redis", "memcached", "valkey", "keydb"))
_STANDARD = frozenset(("postgresql", "postgres", "sqlite", "oracle", "mssql", "cockroachdb", "duckdb", "snowflake"))
"""Systems in which a double quote begins a name; elsewhere it may begin a text."""

_TOKEN = re.compile(
    r"""
      (?P<comment>/\*.*?(?:\*/|\Z)|--[^\n]*+)
    | (?P<text>(?:\b[eExXbBnN])?'(?:[^']|'')*+'?)
    | (?P<dollar>\$(?P<tag>[A-Za-z_]\w*+|)\$.*?(?:\$(?P=tag)\$|\Z))
    | (?P<double>"(?:[^"]|"")*+"?)
    | (?P<word>[A-Za-z_][\w$]*+|%s|[$:]\d{1,3}(?!\d)|[:@][A-Za-z_]\w*+)
    | (?P<number>\d[\w.]*+)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED_NAME = re.compile(r'"[A-Za-z_][\w $-]{0,62}"')
_ESCAPED_QUOTE = re.compile(r"""\\['"]""")
_LIST = re.compile(r"\( ?\?(?: ?, ?\?)*+ ?\)")
_LISTS = re.compile(r"\(\?\)(?: ?, ?\(\?\))++")
_KEY_VALUE_PART = re.compile(r"[^:/.,|\s_-]*\d[^:/.,|\s_-]*+|(?<![^:/.,|\s_-])[^:/.,|\s_-]{25,}+")
_VERB = re.compile(r"\s*+([A-Za-z]{2,20})(?![\w.])")


@lru_cache(maxsize=2048)
def statement(text: str, system: str | None = None) -> str:
    """`text` with `?` for every literal, lists of them as one, without comments; `system` as OpenTelemetry names it.

    A statement is cut where a backslash stands before a quote: what it means there depends on the system.
    """
    if system in KEY_VALUE:
        return _command(text)
    text = text[:LONGEST]
    escaped = _ESCAPED_QUOTE.search(text)
    if escaped:
        text = text[: escaped.start()]
    plain = " ".join(_TOKEN.sub(lambda token: _masked(token, system), text).split())
    return _LISTS.sub("(?)", _LIST.sub("(?)", plain))


def _masked(token: re.Match[str], system: str | None) -> str:
    kind = token.lastgroup
    if kind == "comment":
        return " "
    if kind == "word":
        return token[0]
    if kind == "double" and system in _STANDARD and _QUOTED_NAME.fullmatch(token[0]):
        return token[0]
    return "?"


def _command(text: str) -> str:
    """The command and the pattern of its key; what follows are values."""
    words = text[:LONGEST].split(None, 2)[:2]
    return " ".join([words[0][:40], *(key_pattern(word.strip("'\"")) for word in words[1:])]) if words else ""


@lru_cache(maxsize=2048)
def key_pattern(key: str) -> str:
    """A cache's key with `?` for the parts that hold digits or are as long as a hash: `user:5` is `user:?`."""
    return _KEY_VALUE_PART.sub("?", key[:LONGEST])


def verb(text: str) -> str | None:
    """The first word of a statement, in capitals."""
    found = _VERB.match(text)
    return found[1].upper() if found else None
