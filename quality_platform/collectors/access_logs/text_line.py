"""A line of text: the common and combined log formats of nginx and Apache, with what people add to them.

Belongs here: where the parts of a line stand. Does not belong here: routes (`routes.py`), JSON (`json_line.py`).

Before the time may stand a syslog header and a virtual host; after the size anything: referrer, user agent, and
durations as `rt=0.005`, as `12ms`, or as a bare number. What a client sent stands in quotes and is never taken for one.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from quality_platform.collectors.access_logs.access import Access
from quality_platform.collectors.access_logs.durations import written
from quality_platform.collectors.access_logs.routes import request_of
from quality_platform.collectors.instants import microseconds, parse_instant
from quality_platform.collectors.logs.timestamps import MONTHS
from quality_platform.model.live_sources import DurationUnit

_TIME = re.compile(
    r"\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?:\.\d{1,9})?+ [+-]\d{4}"
    r"|\d{4}-\d\d-\d\dT[\d:.,]{8,20}+(?:Z|[+-]\d\d:?\d\d)?)\]"
)
_ANSWER = re.compile(r' "((?:[^"\\]|\\.)*+)" (\d{3}|-|0{1,3}) (\d{1,18}|-)(?= |$)')
_STRINGS = re.compile(r'(?: "(?:[^"\\]|\\.)*+")*+ *$')
_STRING = re.compile(r'(?<![^\s])"(?:[^"\\]|\\.)*+"')
_NAMED = re.compile(
    r"(?<![\w.])(?:rt|request_?time|req_?time|response_?time|duration|elapsed|time_?taken|latency)[=:]\"?([\d.]+[mnuµ]?s?)"
)
_BARE = re.compile(r"(?<![^\s])(\d{1,15}(?:\.\d{1,9})?(?:ms|us|µs|ns|s)?)(?![^\s])")


def text_access(line: str, unit: DurationUnit) -> Access | str:
    """The request that the line tells of, or why it is none."""
    stamp = _TIME.search(line)
    if stamp is None:
        return "The line has no time in brackets, such as [17/May/2026:10:05:03 +0000]."
    answer = _ANSWER.match(line, stamp.end())
    if answer is None:
        return "Behind the time the request in quotes, its status and its size are expected."
    time = instant(stamp[1])
    if time is None:
        return "The time in brackets is none."
    request, status, size = answer.groups()
    method, route = request_of(request)
    return Access(
        time,
        method,
        route,
        int(status) if status not in ("-", "0", "00", "000") else None,
        int(size) if size != "-" else None,
        None if _STRINGS.match(line, answer.end()) else _duration(line[answer.end() :], unit),
        _user(line[: stamp.start()]),
    )


@lru_cache(maxsize=4_096)
def instant(text: str) -> int | None:
    """Microseconds since 1970; None when the digits are no time. Many lines share a second."""
    if text[4] == "-":
        return parse_instant(text.replace(",", "."), local=True)
    try:
        day, month, rest = text[:2], MONTHS[text[3:6]], text[7:]
        return microseconds(datetime.fromisoformat(f"{rest[:4]}-{month:02}-{day}T{rest[5:].replace(' ', '')}"))
    except (KeyError, ValueError, OverflowError):
        return None


def _user(head: str) -> str | None:
    """Who is logged in: what follows the dash that stands for the unknown identity, or the third of three words."""
    before, _, name = head.rstrip().rpartition(" - ")
    words = head.split()
    user = name if before else words[2] if len(words) == 3 else "-"
    return None if user.strip('"') in ("-", "") else user


def _duration(rest: str, unit: DurationUnit) -> float | None:
    own = _STRING.sub("", rest)
    named = _NAMED.search(own)
    if named is not None:
        return written(named[1], "seconds" if unit == "auto" else unit)
    numbers = _BARE.findall(own)
    # of several the one with decimals is the duration: a size and a port have none
    best = next((text for text in numbers if not text.isdigit()), numbers[-1] if numbers else "")
    return written(best, unit)
