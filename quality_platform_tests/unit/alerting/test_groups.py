"""When a group is sent: the first at once, then more seldom; what is critical never waits longer than a second."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.alerting.notices.groups import FREE, SHORTEST, Pace
from quality_platform.model.alerts import Series
from quality_platform.state.database import State
from quality_platform_tests.data.alerting import CPU, NOON, plan, webhook
from quality_platform_tests.data.story import Story


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


@pytest.mark.parametrize(
    ("burst", "ago", "urgent", "waits"),
    [
        (0, None, False, 0),
        (FREE - 1, 0, False, 0),
        (FREE, 0, False, 1),
        (FREE, 0.75, False, 0.25),
        (FREE + 1, 0, False, 2),
        (FREE + 2, 0, False, 4),
        (FREE + 9, 0, False, 30),
        (FREE + 9, 0, True, 1),
        (FREE + 9, 3, True, 0),
        (FREE + 9, 30, False, 0),
    ],
)
def test_a_busy_group_is_sent_ever_more_seldom(burst: int, ago: float | None, urgent: bool, waits: float) -> None:
    pace = Pace(None if ago is None else NOON - seconds(ago), burst, interval=seconds(30))
    assert pace.flush_at(NOON, urgent=urgent) == NOON + seconds(waits)
    usual = Pace(None if ago is None else NOON - seconds(ago), burst)
    assert usual.flush_at(NOON, urgent=urgent) == NOON + seconds(min(waits, max(0.0, 1 - (ago or 0))))


@pytest.mark.parametrize(("urgent", "waits"), [(False, 3), (True, 0)])
def test_a_first_alert_waits_for_others_where_its_route_says_so(urgent: bool, waits: float) -> None:
    assert Pace(wait=seconds(60)).flush_at(NOON, urgent=urgent) == NOON + seconds(waits)


@given(st.integers(0, 50), st.floats(0, 100), st.floats(0, 300))
def test_nothing_urgent_waits_longer_than_a_second_and_nothing_longer_than_the_interval(
    burst: int, ago: float, interval: float
) -> None:
    pace = Pace(NOON - seconds(ago), burst, seconds(0), seconds(interval))
    assert NOON <= pace.flush_at(NOON, urgent=True) <= NOON + SHORTEST
    assert NOON <= pace.flush_at(NOON, urgent=False) <= NOON + max(seconds(interval), SHORTEST)


def series(count: int) -> list[Series]:
    return [Series(CPU, "shop", f"host-{number:05}") for number in range(count)]


def test_a_storm_becomes_few_messages_that_name_every_alert_and_every_end(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, plan([], [webhook("all")]))
    hosts = series(300)
    for place in range(0, 300, 10):
        story.play("warning", series=hosts[place : place + 10])
        story.wait(seconds=-0.9)  # a tenth of a second apart
    story.tick(seconds=31)
    first = named(story, "firing")
    assert (len(first), len(set(first))) == (300, 300)
    assert len(story.sent()) < 20
    story.play("ok", series=hosts)
    story.tick(seconds=3)
    assert sorted(named(story, "resolved")) == sorted(first)


def named(story: Story, kind: str) -> list[str]:
    from quality_platform.alerting.delivery.frozen import thaw

    found = []
    for row in story.outbox():
        if row.kind == kind:
            payload = thaw(row.payload, row.message_id, row.created_at).payload
            found += [each["subject"] for each in payload["alerts"]]
    return found


def test_a_second_alert_of_a_group_is_not_kept_waiting(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, plan([], [webhook("all")]))
    for host in series(FREE):
        story.play("warning", series=[host])
        story.wait(seconds=-0.95)  # all within half a second
    assert story.sent() == [("all", "firing")] * FREE
    moment: datetime = story.now
    story.play("warning", series=[Series(CPU, "shop", "late")])
    assert len(story.sent()) == FREE
    story.tick(seconds=1)
    assert (len(story.sent()), story.now - moment) == (FREE + 1, timedelta(seconds=2))
