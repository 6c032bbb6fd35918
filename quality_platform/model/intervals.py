"""Times of day, days, months and years as Alertmanager's `time_intervals` write them.

Belongs here: the texts and their ranges. Does not belong here: whether an instant is inside
(`alerting/routing/windows.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from quality_platform.model.sections import Section

Range = tuple[int, int]

WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


def minutes(text: str) -> int:
    """Minutes since midnight of `hh:mm`, up to 24:00. Raises ValueError."""
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", text):
        raise ValueError(f"{text!r} is no time of day, such as 09:00 or 24:00")
    hours, _, rest = text.partition(":")
    return int(hours) * 60 + int(rest)


def weekdays_of(text: str) -> Range:
    """Of `monday` or `monday:friday`, days counted from Sunday as 0. Raises ValueError."""
    return _rising(text, _both(text, lambda part: _named(part, WEEKDAYS, 0)))


def months_of(text: str) -> Range:
    """Of `may`, `5` or `march:may`, January being 1. Raises ValueError."""
    return _rising(
        text, _both(text, lambda part: _numbered(part, 1, 12) if part.isdigit() else _named(part, MONTHS, 1))
    )


def years_of(text: str) -> Range:
    """Of `2026` or `2026:2028`. Raises ValueError."""
    return _rising(text, _both(text, lambda part: _numbered(part, 1, 9999)))


def days_of_month_of(text: str) -> Range:
    """Of `1`, `1:5` or `-3:-1`, where -1 is a month's last day. Raises ValueError for what no month has."""
    begin, end = _both(text, lambda part: _numbered(part, -31, 31))
    if begin == 0 or end == 0:
        raise ValueError(f"{text!r}: days of a month begin with 1, or with -1 from its end")
    if begin < 0 < end:
        raise ValueError(f"{text!r}: what begins at a negative day ends at one")
    # as Alertmanager does: a range is a mistake when it is empty even in the shortest month
    _rising(text, (28 + begin if begin < 0 else begin, 28 + end if end < 0 else end))
    return begin, end


def _both(text: str, read: Callable[[str], int]) -> Range:
    parts = text.strip().lower().split(":")
    if len(parts) > 2:
        raise ValueError(f"{text!r} is no range, which has one colon")
    return read(parts[0]), read(parts[-1])


def _rising(text: str, found: Range) -> Range:
    if found[0] > found[1]:
        raise ValueError(f"{text!r} ends before it begins; write two ranges")
    return found


def _named(part: str, names: tuple[str, ...], first: int) -> int:
    if part not in names:
        raise ValueError(f"{part!r} is none of {', '.join(names)}")
    return names.index(part) + first


def _numbered(part: str, least: int, most: int) -> int:
    if not re.fullmatch(r"-?[0-9]{1,4}", part) or not least <= int(part) <= most:
        raise ValueError(f"{part!r} is no number from {least} to {most}")
    return int(part)


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _readable(read: Callable[[str], object]) -> AfterValidator:
    """Keeps the text, which a person wrote and will see again, when `read` can make sense of it."""

    def check(value: str) -> str:
        read(value)
        return value

    return AfterValidator(check)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no IANA time zone, such as Europe/Berlin") from error
    return value


class TimeRange(Section):
    """From one time of day to another; one that ends before it begins goes on after midnight."""

    start_time: Annotated[str, _readable(minutes)] = Field(description="From then on, `hh:mm`.")
    end_time: Annotated[str, _readable(minutes)] = Field(description="Until then, `24:00` at the latest.")

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if minutes(self.start_time) in (minutes(self.end_time), 1440):
            raise ValueError("end_time must differ from start_time, which is before 24:00")
        return self


class TimeInterval(Section):
    """Times of which all that is given must fit. A day is where a time range that crosses midnight begins."""

    times: tuple[TimeRange, ...] | None = Field(default=None, min_length=1, description="Times of day.")
    weekdays: tuple[Annotated[str, _readable(weekdays_of)], ...] | None = Field(
        default=None, min_length=1, description="Such as `saturday`, `monday:friday`."
    )
    days_of_month: tuple[Annotated[str, BeforeValidator(_text), _readable(days_of_month_of)], ...] | None = Field(
        default=None, min_length=1, description="Such as `1`, `1:5`, `-3:-1` for the last three."
    )
    months: tuple[Annotated[str, BeforeValidator(_text), _readable(months_of)], ...] | None = Field(
        default=None, min_length=1, description="Such as `december`, `6:8`."
    )
    years: tuple[Annotated[str, BeforeValidator(_text), _readable(years_of)], ...] | None = Field(
        default=None, min_length=1, description="Such as `2026`, `2026:2028`."
    )
    location: Annotated[str, AfterValidator(_zone)] = Field(default="UTC", description="IANA time zone.")
