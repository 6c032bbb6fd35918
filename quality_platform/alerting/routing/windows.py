"""Mute windows: whether a route is silent now, and when that changes. Alertmanager's `time_intervals`.

Wall clocks count: a window of 02:00 to 03:00 opens twice when the clock is put back and not at all when it is put
forward. A time range that ends before it begins goes on after midnight and belongs to the day on which it began, which
Alertmanager cannot say. Belongs here: instants. Does not belong here: the texts (`model/intervals.py`).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from quality_platform.alerting.routing.route import Route
from quality_platform.model import intervals
from quality_platform.model.intervals import Range, TimeInterval
from quality_platform.model.routing import MuteWindow

HORIZON = 400
"""Days that are searched for the next change."""

DAY = timedelta(days=1)
MIDNIGHT = 1440


@dataclass(frozen=True, slots=True)
class _Interval:
    """Ranges as numbers; None where nothing is asked."""

    zone: ZoneInfo
    times: tuple[Range, ...]
    weekdays: tuple[Range, ...] | None
    days: tuple[Range, ...] | None
    months: tuple[Range, ...] | None
    years: tuple[Range, ...] | None

    def contains(self, now: datetime) -> bool:
        """Whether the instant `now` is inside."""
        local = now.astimezone(self.zone)
        today, minute = local.date(), local.hour * 60 + local.minute
        return any(
            (start <= minute and (minute < end or end < start) and self.has(today))
            or (end < start and minute < end and self.has(today - DAY))
            for start, end in self.times
        )

    def has(self, day: date) -> bool:
        """Whether ranges may begin on `day`."""
        return (
            _within(day.isoweekday() % 7, self.weekdays)
            and _within(day.month, self.months)
            and _within(day.year, self.years)
            and _on(day, self.days)
        )

    def edges(self, day: date) -> Iterator[datetime]:
        """Instants of the local `day` at which it may open or close."""
        for minute in {0, *(minute % MIDNIGHT for both in self.times for minute in both)}:
            wall = datetime.combine(day, time(minute // 60, minute % 60), self.zone)
            # twice where the clock is put back
            yield wall.astimezone(UTC)
            yield wall.replace(fold=1).astimezone(UTC)
        yield from _shifts(day, self.zone)


def muted_by(route: Route, windows: Mapping[str, MuteWindow], now: datetime) -> tuple[str, ...]:
    """What makes `route` silent at `now`: names of mute windows that are open, and, where it has active windows and
    none is open, `outside NAME` of each. A window that is not there mutes nothing.
    """
    muting = tuple(name for name in route.mute_windows if name in windows and is_open(windows[name], now))
    active = [name for name in route.active_windows if name in windows]
    if active and not any(is_open(windows[name], now) for name in active):
        return (*muting, *(f"outside {name}" for name in active))
    return muting


def is_open(window: MuteWindow, now: datetime) -> bool:
    """Whether `now` is in one of the window's intervals."""
    return any(_compiled(interval).contains(now) for interval in window.time_intervals)


def next_change(window: MuteWindow, now: datetime) -> datetime | None:
    """The next instant after `now` at which the window opens or closes; None when none is near (HORIZON days)."""
    # windows change on full minutes, so that the alerts of a storm ask the same question
    return _next_change(window, now.astimezone(UTC).replace(second=0, microsecond=0))


@lru_cache(maxsize=256)
def _next_change(window: MuteWindow, now: datetime) -> datetime | None:
    before = is_open(window, now)
    compiled = [_compiled(interval) for interval in window.time_intervals]
    for count in range(HORIZON):
        day = now.date() + count * DAY
        # a local day lies on two days in UTC; edges are taken by these, since intervals may have several zones
        near = (edge for one in compiled for local in (day - DAY, day, day + DAY) for edge in one.edges(local))
        edges = sorted(edge for edge in set(near) if edge > now and edge.date() == day)
        changed = next((edge for edge in edges if is_open(window, edge) != before), None)
        if changed is not None:
            return changed
    return None


def _shifts(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """The instant of the local `day` at which the clock is put forward or back, if there is one."""
    start, end = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + DAY))
    before = start.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == before:
        return
    first, last = 0, (end - start) // timedelta(minutes=1)
    while first < last:
        middle = (first + last) // 2
        is_before = (start + timedelta(minutes=middle)).astimezone(zone).utcoffset() == before
        first, last = (middle + 1, last) if is_before else (first, middle)
    yield start + timedelta(minutes=first)


@lru_cache(maxsize=1024)
def _compiled(interval: TimeInterval) -> _Interval:
    times = tuple(
        (intervals.minutes(each.start_time), intervals.minutes(each.end_time)) for each in interval.times or ()
    )
    return _Interval(
        zone=ZoneInfo(interval.location),
        times=times or ((0, MIDNIGHT),),
        weekdays=_ranges(interval.weekdays, intervals.weekdays_of),
        days=_ranges(interval.days_of_month, intervals.days_of_month_of),
        months=_ranges(interval.months, intervals.months_of),
        years=_ranges(interval.years, intervals.years_of),
    )


def _ranges(texts: tuple[str, ...] | None, read: Callable[[str], Range]) -> tuple[Range, ...] | None:
    return None if texts is None else tuple(map(read, texts))


def _within(value: int, ranges: tuple[Range, ...] | None) -> bool:
    return ranges is None or any(first <= value <= last for first, last in ranges)


def _on(day: date, ranges: tuple[Range, ...] | None) -> bool:
    """Whether the day of the month is in one of `ranges`, whose negative days count from the month's end."""
    if ranges is None:
        return True
    length = monthrange(day.year, day.month)[1]
    return _within(day.day, tuple((_counted(first, length), _counted(last, length)) for first, last in ranges))


def _counted(day: int, length: int) -> int:
    return day if day > 0 else length + day + 1
