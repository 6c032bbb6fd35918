"""Moments as people write them on the command line: `2h` from now, or an instant.

Does not belong here: showing one (`output.instant`), or the form of lengths (`model/durations.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from quality_platform.errors import UsageError
from quality_platform.model.durations import seconds

FORMS = "Write 30m, 2h, 7d, or an instant such as 2026-05-01T08:00+02:00; without a zone it is UTC."


def coming(text: str, now: datetime, option: str) -> datetime:
    """The moment that `text` says: a length of time counts from `now` on. Raises UsageError naming `option`."""
    return _moment(text, now, option, 1)


def past(text: str, now: datetime, option: str) -> datetime:
    """The same, but a length of time counts back from `now`."""
    return _moment(text, now, option, -1)


def length(text: str, option: str) -> timedelta:
    """A length of time. Raises UsageError naming `option`."""
    found = seconds(text)
    if found is None:
        raise UsageError(f"{option}: {text!r} is no length of time.", hint="Write 30s, 15m, 2h, 7d or 1d12h.")
    try:
        return timedelta(seconds=found)
    except OverflowError as error:
        raise UsageError(f"{option}: {text!r} is longer than there are days.") from error


def _moment(text: str, now: datetime, option: str, sign: int) -> datetime:
    if seconds(text) is not None:
        try:
            return now + sign * length(text, option)
        except OverflowError as error:
            raise UsageError(f"{option}: {text!r} is beyond the calendar.", hint=FORMS) from error
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option}: {text!r} is no moment.", hint=FORMS) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
