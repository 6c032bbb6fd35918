"""Instants as sources write them, in microseconds since 1970, the unit of the lake's timestamps.

Belongs here: ISO 8601, seconds and finer counts since 1970, and what is done with an instant in the future.
Does not belong here: the time formats of one kind of log (`logs/timestamps.py`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=5)
"""How far a source's clock may be ahead before its time is replaced by ours."""

SECOND, DAY = 1_000_000, 86_400_000_000
_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,12})?")
_ZONE_NAME = re.compile(r"\s?(?:UTC|GMT|Z)$")
_SPACED_OFFSET = re.compile(r"\s(?=[+-]\d\d:?\d\d$)")
_LEAP_SECOND = re.compile(r"(?<=:[0-5]\d:)60(?!\d)")


def microseconds(moment: datetime) -> int:
    """An aware instant as microseconds since 1970, exactly."""
    return (moment - EPOCH) // MICROSECOND


def parse_instant(value: object, *, local: bool = False) -> int | None:
    """Microseconds since 1970 of ISO 8601 text or of a number since 1970; None when it is neither.

    A number is read as seconds, milliseconds, microseconds or nanoseconds, by its size. A time without zone is
    UTC, or with `local` the time of this host.
    """
    if isinstance(value, str):
        text = value.strip()
        return _from_number(float(text)) if _NUMBER.fullmatch(text) else _from_text(text, local=local)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value)
    return None


def _from_number(number: float) -> int | None:
    if not 1e8 <= number < 1e19:  # before 1973 it is a duration or a count, no time; nan compares false
        return None
    for limit, factor in ((1e11, 1e6), (1e14, 1e3), (1e17, 1.0)):
        if number < limit:
            # a whole number is multiplied exactly, a float rounded to the microsecond
            return number * int(factor) if isinstance(number, int) else round(number * factor)
    return int(number) // 1000


def _from_text(text: str, *, local: bool) -> int | None:
    moment = _moment(text) or _moment(_SPACED_OFFSET.sub("", _ZONE_NAME.sub("+00:00", text)))
    if moment is None:
        return _from_leap_second(text, local=local)
    try:
        if moment.tzinfo is None:
            moment = moment.astimezone(UTC) if local else moment.replace(tzinfo=UTC)
        return microseconds(moment)
    except (OverflowError, OSError):
        return None


def _from_leap_second(text: str, *, local: bool) -> int | None:
    """Time since 1970 has none: 23:59:60, of UTC, is the first second of the next day once more."""
    as_usual, count = _LEAP_SECOND.subn("59", text)
    found = _from_text(as_usual, local=local) if count else None
    if found is None or (found + SECOND) % DAY >= SECOND:
        return None
    return found + SECOND


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def not_ahead(instant: int, now: datetime) -> tuple[int, bool]:
    """The instant, or now where it lies more than five minutes ahead of it; and whether it was replaced."""
    current = microseconds(now)
    if instant > current + AHEAD // MICROSECOND:
        return current, True
    return instant, False
