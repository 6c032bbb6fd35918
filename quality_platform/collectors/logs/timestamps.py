"""The time at the head of a log line.

Belongs here: the forms that loggers and servers write, and what they leave out (zone, year). Does not belong
here: times in fields of JSON (`instants.py`).

A log's time without zone is the time of this host, because that is what loggers write unless told otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from quality_platform.collectors.instants import microseconds, parse_instant

MONTHS = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6,
    "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12,
}  # fmt: skip
_MONTH = "|".join(MONTHS)

HEAD = re.compile(
    r"(?:\[|(?:ts|time|timestamp)=\"?)?(?:"
    r"(?P<iso>\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9}+)?(?:[ ]?(?:Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b))?)"
    rf"|(?P<syslog>(?:{_MONTH})[ ][ \d]\d[ ]\d\d:\d\d:\d\d(?!\d))"
    rf"|(?P<apache>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[ ](?:{_MONTH})[ ][ \d]\d[ ]\d\d:\d\d:\d\d(?:\.\d{{1,6}})?[ ]\d{{4}})"
    rf"|(?P<common>\d\d/(?:{_MONTH})/\d{{4}}:\d\d:\d\d:\d\d[ ][+-]\d{{4}})"
    r")"
)
"""A time at the start of a line; the group's name tells its form."""

_Reader = Callable[[str, datetime], datetime | None]


def parse_head(match: re.Match[str], now: datetime) -> int | None:
    """Microseconds since 1970 of a match of `HEAD`; None when the digits are no time (a 32nd, an hour 25)."""
    form = str(match.lastgroup)
    if form == "iso":
        return parse_instant(match["iso"].replace("/", "-"), local=True)
    try:
        moment = _READERS[form](match[form], now)
    except (ValueError, KeyError):
        return None
    return None if moment is None else microseconds(moment)


@lru_cache(maxsize=64)
def _syslog(text: str, now: datetime) -> datetime | None:
    """RFC 3164 leaves out year and zone: the latest such time that is not more than a day ahead of now."""
    month, day = MONTHS[text[:3]], int(text[4:6])
    hour, minute, second = (int(part) for part in text[7:].split(":"))
    latest = now.astimezone() + timedelta(days=1)
    for year in range(latest.year, latest.year - 5, -1):
        try:
            moment = datetime(year, month, day, hour, minute, min(second, 59)).astimezone(UTC)
        except ValueError:  # 29 February
            continue
        if moment <= latest:
            return moment
    return None


def _apache(text: str, _now: datetime) -> datetime:
    _, month, day, clock, year = text.split()
    return _local(f"{year}-{MONTHS[month]:02}-{int(day):02}T{clock}")


def _common(text: str, _now: datetime) -> datetime:
    day, month, rest = text.split("/")
    year, clock = rest.split(":", 1)
    return datetime.fromisoformat(f"{year}-{MONTHS[month]:02}-{day}T{clock.replace(' ', '')}")


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


_READERS: dict[str, _Reader] = {"syslog": _syslog, "apache": _apache, "common": _common}
