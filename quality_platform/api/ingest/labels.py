"""Labels of samples in their canonical form, safe to keep.

Belongs here: scrubbing names and values, and remembering what came before. Does not belong here: the form itself
(`model/labels.py`), or what is a label in a protocol.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from quality_platform.collectors.fields import printable
from quality_platform.collectors.privacy.text import SENSITIVE_NAMES, scrub
from quality_platform.model.labels import NONE, canonical

MAX_NAME = 200
MAX_VALUE = 1000
SECRET_NAME = re.compile(SENSITIVE_NAMES, re.IGNORECASE)
_REMEMBERED = 1000
"""Characters of labels that are remembered at most, so that nobody can fill the memory."""

Pairs = tuple[tuple[str, object], ...]


def safe_labels(labels: Mapping[str, object]) -> str:
    """Canonical JSON: names and values scrubbed and bounded, values of a name like `token` hidden."""
    if not labels:
        return NONE
    pairs = tuple(labels.items())
    size = 0
    for name, value in pairs:
        if not isinstance(value, str):  # 1, 1.0 and true are one key to a dictionary
            return _scrubbed(pairs)
        size += len(name) + len(value)
    return _remembered(pairs) if size <= _REMEMBERED else _scrubbed(pairs)


def _scrubbed(pairs: Pairs) -> str:
    return canonical({_name(name): _value(name, value) for name, value in pairs})


# a series comes again and again: 0.4 µs instead of 10
_remembered = lru_cache(maxsize=16_384)(_scrubbed)


def _name(name: str) -> str:
    return printable(scrub(name[:MAX_NAME]), MAX_NAME)


def _value(name: str, value: object) -> str:
    shown = "" if value is None else str(value)
    if shown and SECRET_NAME.search(name):
        return "[secret]"
    return printable(_text(shown) if len(shown) <= MAX_NAME else scrub(shown[: 4 * MAX_VALUE]), MAX_VALUE)


# routes, methods and hosts repeat in series that are new, and scrubbing one identifier takes 8 µs
_text = lru_cache(maxsize=8192)(scrub)
