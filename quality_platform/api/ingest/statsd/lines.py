"""One line of StatsD or DogStatsD: a metric, an event, a service check, or what is wrong with it.

Belongs here: syntax. Does not belong here: what becomes of the values (`sums.py`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

NUMBERS = ("c", "g", "ms", "h", "d")
TYPES = (*NUMBERS, "s")
MOST_TAGS = 64
MAX_NAME = 190
"""Bytes of a name: `.count` may follow it, and the lake keeps 200."""

Tags = tuple[tuple[str, str], ...]

_EVENT = re.compile(rb"_e\{(\d{1,5}),(\d{1,5})\}:")
_STATUSES = ("0", "1", "2", "3")


@dataclass(frozen=True, slots=True)
class Metric:
    """`values` are numbers for every type but `s`. `signed` says that the first began with a sign."""

    name: str
    type: str
    values: tuple[float, ...] = ()
    members: tuple[str, ...] = ()
    rate: float = 1.0
    tags: Tags = ()
    time: int | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """An event of DogStatsD; `time` in seconds since 1970."""

    title: str
    text: str
    time: int | None = None
    fields: Tags = ()
    tags: Tags = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A service check of DogStatsD."""

    name: str
    status: int
    time: int | None = None
    host: str | None = None
    tags: Tags = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line is no item."""

    reason: str
    message: str


SYNTAX = Fault("invalid", "A line is name:value|type, with |@rate and |#tags after it where wanted.")
UNKNOWN_TYPE = Fault("invalid_type", f"The type must be one of {', '.join(TYPES)}.")
NO_NUMBER = Fault("invalid_value", "The value must be a finite number.")
NO_RATE = Fault("invalid_rate", "The sample rate must be above 0 and at most 1.")
NO_NAME = Fault("invalid_metric", f"The name must have 1 to {MAX_NAME} bytes.")
NO_EVENT = Fault("invalid_event", "An event is _e{length of title,length of text}:title|text, lengths in bytes.")
NO_CHECK = Fault("invalid_check", "A service check is _sc|name|status, status 0 to 3.")

Line = Metric | Event | Check | Fault


def parse(line: bytes) -> Line:
    """What a line says."""
    if line.startswith(b"_e{"):
        return _event(line)
    text = line.decode("utf-8", "replace")
    return _check(text) if text.startswith("_sc|") else _metric(text)


def _metric(text: str) -> Metric | Fault:
    name, _, rest = text.partition(":")
    values, _, rest = rest.partition("|")
    kind, *sections = rest.split("|")
    if not values:
        return SYNTAX
    if not name.strip() or len(name.encode()) > MAX_NAME:
        return NO_NAME
    rate = _rate(sections)
    if kind not in TYPES or rate is None:
        return NO_RATE if kind in TYPES else UNKNOWN_TYPE
    found, tags = values.split(":"), _tags(sections)
    if kind == "s":
        return Metric(name, kind, members=tuple(found), tags=tags)
    numbers = tuple(number for each in found if (number := _number(each)) is not None)
    if len(numbers) < len(found):
        return NO_NUMBER
    return Metric(name, kind, numbers, (), rate, tags, _time(sections, "T"), signed=values[0] in "+-")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _rate(sections: Sequence[str]) -> float | None:
    """The sample rate, 1 where there is none; None where it is none."""
    found = _section(sections, "@")
    if found is None:
        return 1.0
    rate = _number(found)
    # a rate of 1e-300 would make any count infinite
    return rate if rate is not None and 1e-9 <= rate <= 1 else None


def _section(sections: Sequence[str], mark: str) -> str | None:
    return next((section[len(mark) :] for section in sections if section.startswith(mark)), None)


def _time(sections: Sequence[str], mark: str) -> int | None:
    found = _section(sections, mark)
    return int(found) if found and found.isdecimal() and len(found) <= 11 else None


def _tags(sections: Sequence[str]) -> Tags:
    found = _section(sections, "#")
    if not found:
        return ()
    pairs = (tag.partition(":") for tag in found.split(",")[:MOST_TAGS] if tag)
    return tuple((name, value) for name, _, value in pairs)


def _check(text: str) -> Check | Fault:
    _, name, status, *sections = [*text.split("|"), "", ""]
    if not 0 < len(name) <= MAX_NAME or status not in _STATUSES:
        return NO_CHECK
    return Check(name, int(status), _time(sections, "d:"), _section(sections, "h:") or None, _tags(sections))


def _event(line: bytes) -> Event | Fault:
    head = _EVENT.match(line)
    if head is None:
        return NO_EVENT
    start, middle = head.end(), head.end() + int(head[1])
    end = middle + 1 + int(head[2])
    if end > len(line) or line[middle : middle + 1] != b"|" or middle == start:
        return NO_EVENT
    title, text = (_unescaped(line[a:b]) for a, b in ((start, middle), (middle + 1, end)))
    sections = line[end:].decode("utf-8", "replace").split("|")
    fields = (("host", "h:"), ("priority", "p:"), ("alert_type", "t:"), ("source_type", "s:"), ("aggregation", "k:"))
    known = tuple((name, value) for name, mark in fields if (value := _section(sections, mark)))
    return Event(title, text, _time(sections, "d:"), known, _tags(sections))


def _unescaped(text: bytes) -> str:
    return text.decode("utf-8", "replace").replace("\\n", "\n")
