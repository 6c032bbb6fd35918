"""Mute windows: wall clocks, midnight, the change of the clock, days from a month's end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from quality_platform.alerting.routing.route import Route
from quality_platform.alerting.routing.windows import is_open, muted_by, next_change
from quality_platform.model.routing import MuteWindow

NIGHT = {"times": [{"start_time": "22:00", "end_time": "06:00"}]}
OFFICE = {"times": [{"start_time": "09:00", "end_time": "17:00"}], "weekdays": ["monday:friday"]}


def window(*time_intervals: dict[str, Any], name: str = "w") -> MuteWindow:
    return MuteWindow.model_validate({"name": name, "time_intervals": time_intervals})


def at(text: str) -> datetime:
    """UTC unless the text says otherwise."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("interval", "now", "expected"),
    [
        # the end is not inside, the start is
        (OFFICE, "2026-11-25T09:00", True),
        (OFFICE, "2026-11-25T08:59:59", False),
        (OFFICE, "2026-11-25T16:59:59.999", True),
        (OFFICE, "2026-11-25T17:00", False),
        (OFFICE, "2026-11-28T12:00", False),
        ({"times": [{"start_time": "00:00", "end_time": "24:00"}]}, "2026-11-25T23:59:59", True),
        ({"weekdays": ["saturday", "sunday"]}, "2026-11-29T00:00", True),
        ({"weekdays": ["saturday", "sunday"]}, "2026-11-30T00:00", False),
        ({"weekdays": ["Sunday"]}, "2026-11-29T12:00", True),
        # over midnight: the day is that of the beginning
        (NIGHT, "2026-11-25T22:00", True),
        (NIGHT, "2026-11-26T05:59", True),
        (NIGHT, "2026-11-26T06:00", False),
        (NIGHT, "2026-11-26T21:59", False),
        ({**NIGHT, "weekdays": ["friday"]}, "2026-11-27T23:00", True),
        ({**NIGHT, "weekdays": ["friday"]}, "2026-11-28T05:00", True),
        ({**NIGHT, "weekdays": ["friday"]}, "2026-11-27T05:00", False),
        ({**NIGHT, "weekdays": ["friday"]}, "2026-11-28T23:00", False),
        ({**NIGHT, "days_of_month": ["-1"]}, "2026-12-01T05:00", True),
        ({**NIGHT, "months": ["december"]}, "2027-01-01T05:00", True),
        ({**NIGHT, "years": ["2026"]}, "2027-01-01T05:00", True),
        ({**NIGHT, "years": ["2026"]}, "2026-01-01T05:00", False),
        ({"times": [{"start_time": "22:00", "end_time": "24:00"}]}, "2026-11-26T00:00", False),
        # days of the month
        ({"days_of_month": ["1:5"]}, "2026-11-05T23:59", True),
        ({"days_of_month": ["1:5"]}, "2026-11-06T00:00", False),
        ({"days_of_month": ["-1"]}, "2026-02-28T12:00", True),
        ({"days_of_month": ["-1"]}, "2028-02-28T12:00", False),
        ({"days_of_month": ["-1"]}, "2028-02-29T12:00", True),
        ({"days_of_month": ["-3:-1"]}, "2026-04-28T00:00", True),
        ({"days_of_month": ["-3:-1"]}, "2026-04-27T23:59", False),
        ({"days_of_month": ["15:-1"]}, "2026-04-30T12:00", True),
        ({"days_of_month": ["29:31"]}, "2026-02-28T12:00", False),
        ({"days_of_month": ["31"]}, "2026-04-30T12:00", False),
        ({"days_of_month": ["-31"]}, "2026-02-01T12:00", False),
        ({"days_of_month": ["-31:-1"]}, "2026-02-01T12:00", True),
        ({"days_of_month": [1, -1]}, "2026-03-01T12:00", True),
        # months and years
        ({"months": ["12"]}, "2026-12-31T23:59", True),
        ({"months": ["june:8"]}, "2026-08-31T12:00", True),
        ({"months": ["june:8"]}, "2026-09-01T00:00", False),
        ({"years": [2026]}, "2026-01-01T00:00", True),
        ({"years": ["2026:2028"]}, "2029-01-01T00:00", False),
        # all that is given must fit
        ({**OFFICE, "months": ["may"]}, "2026-11-25T12:00", False),
        ({}, "2026-11-25T12:00", True),
        # zones
        ({**OFFICE, "location": "America/New_York"}, "2026-11-25T14:00", True),
        ({**OFFICE, "location": "America/New_York"}, "2026-11-25T13:59", False),
        ({"weekdays": ["sunday"], "location": "Pacific/Kiritimati"}, "2026-11-28T10:00", True),
        ({"weekdays": ["sunday"], "location": "Pacific/Kiritimati"}, "2026-11-29T10:00", False),
        ({**OFFICE, "location": "Asia/Kathmandu"}, "2026-11-25T03:15", True),
        ({**OFFICE, "location": "Asia/Kathmandu"}, "2026-11-25T03:14", False),
        # the last days of months in which the clock changes: a month is as many days long, not hours
        ({"days_of_month": ["-1"], "location": "Europe/Berlin"}, "2026-03-31T12:00", True),
        ({"days_of_month": ["-1"], "location": "Europe/Berlin"}, "2026-03-30T12:00", False),
        ({"days_of_month": ["-1"], "location": "Europe/Berlin"}, "2026-10-31T22:30", True),
        ({"days_of_month": ["-1"], "location": "Europe/Berlin"}, "2026-10-31T23:00", False),
        ({"days_of_month": ["-3"], "location": "Europe/Berlin"}, "2026-03-29T12:00", True),
        ({"days_of_month": ["-7"], "location": "Europe/Berlin"}, "2026-10-25T00:30", True),
    ],
)  # fmt: skip
def test_is_open(interval: dict[str, Any], now: str, expected: bool) -> None:
    assert is_open(window(interval), at(now)) is expected


BERLIN_NIGHT = {"times": [{"start_time": "02:00", "end_time": "03:00"}], "location": "Europe/Berlin"}


def test_an_hour_that_is_skipped_never_opens() -> None:
    # on 2026-03-29 in Berlin 01:59:59 is followed by 03:00:00
    open_ = [
        minute
        for minute in range(180)
        if is_open(window(BERLIN_NIGHT), at("2026-03-29T00:00") + timedelta(minutes=minute))
    ]

    assert open_ == []
    assert next_change(window(BERLIN_NIGHT), at("2026-03-28T12:00")) == at("2026-03-30T00:00")


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    # on 2026-10-25 in Berlin 02:59:59 is followed by 02:00:00
    began, over = at("2026-10-25T00:00"), at("2026-10-25T02:00")

    assert next_change(window(BERLIN_NIGHT), at("2026-10-24T12:00")) == began
    assert all(is_open(window(BERLIN_NIGHT), began + timedelta(minutes=minute)) for minute in range(120))
    assert next_change(window(BERLIN_NIGHT), began) == over


def test_a_window_over_midnight_loses_and_gains_an_hour() -> None:
    night = window({**NIGHT, "location": "America/New_York"})

    def hours(evening: str) -> float:
        began = next_change(night, at(evening))
        assert began is not None
        over = next_change(night, began)
        assert over is not None
        return (over - began) / timedelta(hours=1)

    assert hours("2026-03-07T20:00") == 7
    assert hours("2026-10-31T20:00") == 9
    assert hours("2026-11-20T20:00") == 8


def test_a_window_that_begins_in_the_skipped_hour_opens_when_that_is_over() -> None:
    half = window({"times": [{"start_time": "02:30", "end_time": "04:00"}], "location": "Europe/Berlin"})

    assert next_change(half, at("2026-03-29T00:00")) == at("2026-03-29T01:00")


@pytest.mark.parametrize(
    ("interval", "now", "expected"),
    [
        (OFFICE, "2026-11-25T08:00", "2026-11-25T09:00"),
        (OFFICE, "2026-11-25T09:00", "2026-11-25T17:00"),
        (OFFICE, "2026-11-27T17:00:30", "2026-11-30T09:00"),
        ({"days_of_month": ["-1"]}, "2026-11-25T08:00", "2026-11-30T00:00"),
        ({"months": ["december"], "days_of_month": ["24:26"]}, "2026-12-26T08:00", "2026-12-27T00:00"),
        ({"months": ["december"], "days_of_month": ["24:26"]}, "2026-12-27T08:00", "2027-12-24T00:00"),
        ({}, "2026-11-25T08:00", None),
        ({"years": ["2040"]}, "2026-11-25T08:00", None),
        # Apia skipped a whole day
        ({"days_of_month": ["31"], "location": "Pacific/Apia"}, "2011-12-29T12:00", "2011-12-30T10:00"),
    ],
)  # fmt: skip
def test_next_change(interval: dict[str, Any], now: str, expected: str | None) -> None:
    assert next_change(window(interval), at(now)) == (at(expected) if expected else None)


def test_several_intervals_in_several_zones_are_one_window() -> None:
    both = window(
        {"times": [{"start_time": "00:00", "end_time": "12:00"}], "location": "Pacific/Kiritimati"},
        {"times": [{"start_time": "00:00", "end_time": "12:00"}], "location": "Pacific/Pago_Pago"},
    )

    # midnight of Kiritimati is 10:00 the day before in UTC, that of Pago Pago 11:00
    assert next_change(both, at("2026-11-25T00:00")) == at("2026-11-25T10:00")
    assert next_change(both, at("2026-11-25T10:00")) == at("2026-11-25T23:00")


ranges = st.fixed_dictionaries(
    {
        "location": st.sampled_from(
            ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
        )
    },
    optional={
        "times": st.lists(
            st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(1, 24))
            .map(lambda t: (f"{t[0]:02}:{t[1]:02}", f"{t[2]:02}:00"))
            .filter(lambda t: t[0] != t[1])
            .map(lambda t: {"start_time": t[0], "end_time": t[1]}),
            min_size=1,
            max_size=2,
        ),
        "weekdays": st.just(["sunday", "tuesday:thursday"]),
        "days_of_month": st.sampled_from((["-2:-1"], ["1:10", "20:-1"], ["29"])),
    },
)


@settings(deadline=None)
@given(st.lists(ranges, min_size=1, max_size=2), st.integers(0, 60 * 24 * 730))
def test_nothing_changes_before_the_next_change(found: list[dict[str, Any]], minute: int) -> None:
    one = window(*found)
    now = at("2026-01-01T00:00") + timedelta(minutes=minute)
    change = next_change(one, now)
    before = is_open(one, now)
    until = now + timedelta(days=3) if change is None else min(change, now + timedelta(days=3))

    assert all(
        is_open(one, now + step * timedelta(minutes=7)) is before
        for step in range(int((until - now) / timedelta(minutes=7)))
    )
    assert change is None or (is_open(one, change - timedelta(minutes=1)), is_open(one, change)) == (before, not before)


ALWAYS, NEVER = window({}, name="always"), window({"years": ["1999"]}, name="never")
KNOWN = {"always": ALWAYS, "never": NEVER}


@pytest.mark.parametrize(
    ("mute", "active", "expected"),
    [
        ((), (), ()),
        (("always",), (), ("always",)),
        (("never",), (), ()),
        (("never", "always"), (), ("always",)),
        ((), ("always",), ()),
        ((), ("never",), ("outside never",)),
        ((), ("never", "always"), ()),
        (("always",), ("never",), ("always", "outside never")),
        (("gone",), ("gone",), ()),
        ((), ("gone", "never"), ("outside never",)),
    ],
)
def test_what_mutes_a_route(mute: tuple[str, ...], active: tuple[str, ...], expected: tuple[str, ...]) -> None:
    route = Route("p", ("r",), mute_windows=mute, active_windows=active)

    assert muted_by(route, KNOWN, at("2026-11-25T12:00")) == expected


@pytest.mark.parametrize(
    "interval",
    [
        {"times": [{"start_time": "9:00", "end_time": "17:00"}]},
        {"times": [{"start_time": "09:00", "end_time": "24:01"}]},
        {"times": [{"start_time": "09:00", "end_time": "09:00"}]},
        {"times": [{"start_time": "24:00", "end_time": "09:00"}]},
        {"times": [{"start_time": "09:00"}]},
        {"times": []},
        {"weekdays": ["someday"]},
        {"weekdays": ["friday:monday"]},
        {"weekdays": ["monday:tuesday:friday"]},
        {"days_of_month": ["0"]},
        {"days_of_month": ["32"]},
        {"days_of_month": ["-32"]},
        {"days_of_month": ["-3:3"]},
        {"days_of_month": ["5:1"]},
        {"days_of_month": ["-1:-3"]},
        {"days_of_month": ["28:-10"]},
        {"days_of_month": [True]},
        {"months": ["13"]},
        {"months": ["may:march"]},
        {"years": ["2028:2026"]},
        {"years": ["soon"]},
        {"location": "Berlin"},
        {"location": "../etc/passwd"},
        {"location": ""},
        {"hours": ["9"]},
    ],
)
def test_what_is_no_window_is_refused(interval: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        window(interval)
