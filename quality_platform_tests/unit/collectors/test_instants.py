"""Instants as sources write them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.collectors.instants import microseconds, not_ahead, parse_instant

MOMENT = 1767323045_000_000  # 2026-01-02T03:04:05Z


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-02T03:04:05Z", MOMENT),
        ("2026-01-02T03:04:05", MOMENT),
        ("2026-01-02 03:04:05,678", MOMENT + 678_000),
        ("2026-01-02 03:04:05.123456789 UTC", MOMENT + 123_456),
        ("2026-01-02 04:04:05 +0100", MOMENT),
        ("2026-01-02T04:04:05+01:00", MOMENT),
        ("20260102T030405Z", MOMENT),
        (" 1767323045 ", MOMENT),
        ("1767323045.5", MOMENT + 500_000),
        (1767323045, MOMENT),
        (1767323045.25, MOMENT + 250_000),
        (1767323045_123, MOMENT + 123_000),
        (1767323045_123_456, MOMENT + 123_456),
        (1767323045_123_456_789, MOMENT + 123_456),
        ("2016-12-31T23:59:60Z", 1483228800_000_000),
        ("2016-12-31 23:59:60.25 UTC", 1483228800_250_000),
        ("2017-01-01T00:59:60+01:00", 1483228800_000_000),
        ("2016-12-31T23:59:61Z", None),
        ("2016-12-31T22:59:60Z", None),
        ("2026-01-02", MOMENT - 11045_000_000),
        ("", None),
        ("yesterday", None),
        ("2026-13-01", None),
        (5, None),
        (-1767323045, None),
        (True, None),
        (None, None),
        ([], None),
        (float("nan"), None),
        (float("inf"), None),
        ("9" * 20, None),
        ("0001-01-01T00:00:00", -62135596800_000_000),
    ],
)
def test_forms(value: object, expected: int | None) -> None:
    assert parse_instant(value) == expected


@given(st.datetimes(datetime(1975, 1, 1), datetime(2200, 1, 1)))  # noqa: DTZ001
def test_iso_text_and_counts_agree_with_the_calendar(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    exact = microseconds(moment)
    assert parse_instant(moment.isoformat()) == exact
    assert parse_instant(exact) == exact
    assert parse_instant(exact // 1000) == exact // 1000 * 1000
    assert parse_instant(exact // 1_000_000) == exact // 1_000_000 * 1_000_000
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=exact) == moment


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
def test_a_local_time_is_this_hosts_and_only_where_no_zone_is_given() -> None:
    assert parse_instant("2026-01-02 04:04:05", local=True) == MOMENT
    assert parse_instant("2026-07-02 05:04:05", local=True) == parse_instant("2026-07-02T03:04:05Z")
    assert parse_instant("2026-01-02 03:04:05Z", local=True) == MOMENT


def test_a_time_more_than_five_minutes_ahead_becomes_now() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    five = 300_000_000
    assert not_ahead(MOMENT + five, now) == (MOMENT + five, False)
    assert not_ahead(MOMENT + five + 1, now) == (MOMENT, True)
    assert not_ahead(0, now) == (0, False)
