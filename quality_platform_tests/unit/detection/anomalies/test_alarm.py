"""When to speak."""

from __future__ import annotations

import json

import pytest

from quality_platform.detection.anomalies.alarm import Alarm, share_reported

HOURLY = 24.0


def test_a_stretch_is_one_report_and_ends_after_half_a_day() -> None:
    alarm = Alarm(HOURLY)
    assert [alarm.unusual(row, 2.0) for row in (10, 11, 15, 27, 40)] == [True, False, False, False, True]


def test_what_surpasses_the_stretch_by_far_is_news() -> None:
    alarm = Alarm(HOURLY)
    said = [
        alarm.unusual(row, excess) for row, excess in enumerate((2.0, 5.9, 6.1, 18.0, 18.4, float("inf"), float("inf")))
    ]
    assert said == [True, False, True, False, True, True, False]


def test_the_more_was_said_the_stricter_and_half_of_it_is_forgotten_in_a_month() -> None:
    alarm = Alarm(HOURLY)
    assert alarm.strictness(0) == 1.0
    for row in (0, 100, 200):
        alarm.unusual(row, 2.0)
    assert alarm.strictness(200) == pytest.approx(1.3, abs=0.03)
    assert alarm.strictness(200 + 30 * 24) - 1 == pytest.approx((alarm.strictness(200) - 1) / 2)


@pytest.mark.parametrize(("pace", "share"), [(24, 0.1 / 24), (1440, 0.1 / 1440), (1, 5e-3), (86_400, 1e-5)])
def test_one_report_in_ten_days_within_bounds(pace: float, share: float) -> None:
    assert share_reported(pace) == pytest.approx(share)


def test_the_state_goes_through_json() -> None:
    alarm = Alarm(HOURLY)
    alarm.unusual(3, float("inf"))
    assert Alarm.from_state(json.loads(json.dumps(alarm.state(), allow_nan=False))) == alarm
