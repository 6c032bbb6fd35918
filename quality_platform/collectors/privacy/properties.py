"""Properties of an event as JSON that is safe to keep: no secrets, bounded in size and depth.

Belongs here: what a property's name gives away, and the limits. Does not belong here: which properties an
event has (`events/`), or what free text gives away (`text.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

import orjson

from quality_platform.collectors.privacy.text import SENSITIVE_NAMES, scrub

MAX_BYTES = 16 * 1024
MAX_DEPTH = 8
CUT = "_cut"
"""Property that names what was left out to stay within `MAX_BYTES`."""

MAX_NAME = 200
_CUT_NAMES = 20
_CUT_ROOM = 5000
"""Bytes kept free for `_cut`: 20 names of 40 characters, of 6 bytes each at worst."""

# words of a name are compared whole, because "passenger" is no "pass" and "discard" no "card"
_PERSONAL_WORDS = frozenset(
    ("auth", "cookie", "cookies", "sid", "dsn", "pass", "pin", "ssn", "iban", "card", "cvv", "cvc", "passport", "email",
     "mail", "phone", "telephone", "mobile", "ip", "address", "street", "birthday", "birthdate", "dob", "firstname",
     "lastname", "surname", "fullname", "username")
)  # fmt: skip
_SECRET = re.compile(SENSITIVE_NAMES, re.IGNORECASE)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SORTED = orjson.OPT_SORT_KEYS


def is_personal(name: str) -> bool:
    """Whether a property of this name is hidden whatever its value."""
    return _is_personal(name[:MAX_NAME])  # cut, so that nobody fills the memory


@lru_cache(maxsize=4096)
def _is_personal(name: str) -> bool:
    if _SECRET.search(name):
        return True
    words = [word.lower() for word in _WORD.findall(name)]
    pairs = [first + second for first, second in pairwise(words)]
    return not _PERSONAL_WORDS.isdisjoint([*words, *pairs])


def _safe_name(name: str) -> str:
    # scrubbed first, since half a secret is not recognised
    return _scrubbed(name) if len(name) <= MAX_NAME else scrub(name)[:MAX_NAME]


_scrubbed = lru_cache(maxsize=4096)(scrub)


def safe_json(properties: Mapping[str, object]) -> tuple[str, bool]:
    """JSON with sorted keys, and whether something had to be cut.

    Hidden by name: `[name]` stands for the value. Text is scrubbed. Objects deeper than 8 levels and, largest
    first, properties beyond 16 KiB are left out; `_cut` names the latter.
    """
    if not properties:
        return "{}", False
    cleaned = {_safe_name(name): _safe(name, value, 1) for name, value in properties.items()}
    encoded: bytes = orjson.dumps(cleaned, option=_SORTED)
    if len(encoded) <= MAX_BYTES:
        return encoded.decode(), False
    return _fitting(cleaned), True


def _safe(name: str, value: object, depth: int) -> object:
    if value is not None and is_personal(name):
        return f"[{_safe_name(name)[:40]}]"
    if isinstance(value, str):
        return scrub(value[:MAX_BYTES])
    if isinstance(value, int) and value >= 10**12:  # a card's number without quotes
        return value if scrub(str(value)) == str(value) else scrub(str(value))
    if isinstance(value, dict | list):
        return _safe_container(name, value, depth)
    return value


def _safe_container(name: str, value: dict[str, object] | list[object], depth: int) -> object:
    if depth >= MAX_DEPTH:
        return "[too deep]"
    if isinstance(value, dict):
        return {_safe_name(key): _safe(key, item, depth + 1) for key, item in value.items()}
    return [_safe(name, item, depth + 1) for item in value]


def _fitting(cleaned: dict[str, object]) -> str:
    """The properties without the largest ones that make it too long."""
    sizes = {name: len(orjson.dumps({name: value}, option=_SORTED)) for name, value in cleaned.items()}
    total, left_out = sum(sizes.values()), []
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        if total <= MAX_BYTES - _CUT_ROOM:
            break
        total -= sizes[name]
        left_out.append(name[:40])
        del cleaned[name]
    cleaned[CUT] = left_out[:_CUT_NAMES]
    return orjson.dumps(cleaned, option=_SORTED).decode()
