"""Repeats, escalations, inhibition, mute windows: what is due by the clock, once each, whatever was missed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from quality_platform.alerting import deadlines
from quality_platform.alerting.episodes import actions, silences
from quality_platform.alerting.episodes.silences import NewSilence
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing.matchers import parsed_all
from quality_platform.model.alerts import Series
from quality_platform.model.configuration import QualityConfig
from quality_platform.state.database import State
from quality_platform_tests.data.alerting import CPU, NOON, plan, webhook
from quality_platform_tests.data.story import SOMEBODY, Story


def configured(**sections: object) -> Plan:
    channels = [webhook("all"), webhook("boss", severity_levels=["info"])]
    return Plan.of(QualityConfig.model_validate({"rules": [], "channels": channels, **sections}))


PLAN = configured()
POLICY = {"name": "usual", "steps": [{"after": "15m", "channels": ["boss"]}, {"after": "30m", "channels": ["boss"]}]}
ESCALATING = configured(
    escalations=[POLICY], routing={"receiver": "all", "escalation": "usual"}
)  # fmt: skip


@pytest.mark.parametrize(("level", "hours"), [("critical", 1), ("warning", 4)])
def test_it_is_told_again_after_its_interval(state: State, level: str, hours: int) -> None:
    story = Story(state, PLAN)
    story.play(level)  # type: ignore[arg-type]
    story.tick(hours=hours, seconds=-1)
    assert len(story.sent()) == 1
    story.tick(seconds=1)
    assert story.sent() == [("all", "firing"), ("all", "repeat")]
    deadlines.tick(story.state, story.plan, story.now)
    assert len(story.sent()) == 2


def test_after_a_long_stop_one_repeat_is_told_not_all_that_were_missed(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    story.play("critical")
    story.tick(hours=50)
    assert story.sent() == [("all", "firing"), ("all", "repeat")]


def test_acknowledged_or_over_it_is_not_repeated(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    story.play("critical")
    actions.acknowledge(story.state, story.plan, story.alert().id, SOMEBODY, story.now)
    story.tick(hours=5)
    assert story.sent() == [("all", "firing"), ("all", "acknowledged")]
    story.play("ok")
    story.tick(hours=5)
    assert story.sent()[2:] == [("all", "resolved")]
    assert deadlines.next_deadline(state_on_sqlite) is None


def test_steps_come_at_their_time_and_overdue_ones_once(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, ESCALATING)
    story.play("critical")
    story.tick(minutes=15)
    assert story.sent() == [("all", "firing"), ("boss", "escalated")]
    story.tick(minutes=44)
    assert story.sent()[2:] == [("boss", "escalated")]
    story.play("ok")
    assert sorted(story.sent()[3:]) == [("all", "resolved"), ("boss", "resolved")]


def test_a_restart_late_takes_all_overdue_steps_in_one(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, ESCALATING)
    story.play("critical")
    story.tick(minutes=50)
    assert story.sent() == [("all", "firing"), ("boss", "escalated")]


def test_an_acknowledgement_stops_escalation_and_its_end_starts_it_anew(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, ESCALATING)
    story.play("critical")
    until = story.now + timedelta(minutes=20)
    actions.acknowledge(story.state, story.plan, story.alert().id, SOMEBODY, story.now, until=until)
    story.tick(minutes=20)
    assert ("boss", "escalated") not in story.sent()
    story.tick(minutes=15)
    assert story.sent()[-1] == ("boss", "escalated")


def test_a_warning_does_not_escalate_and_a_rise_starts_it(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, ESCALATING)
    story.play("warning")
    story.tick(minutes=40)
    assert ("boss", "escalated") not in story.sent()
    story.play("critical")
    story.tick(minutes=15)
    assert story.sent()[-1] == ("boss", "escalated")


INHIBITING = configured(
    inhibitions=[
        {"source_matchers": ['subject="power"'], "target_matchers": ['subject!="power"'], "equal": ["project_id"]}
    ]
)
POWER, HOST, OTHER = Series(CPU, "shop", "power"), Series(CPU, "shop", "host"), Series(CPU, "bank", "host")


def test_while_the_cause_fires_its_consequences_are_held_back(state: State) -> None:
    story = Story(state, INHIBITING)
    story.play("critical", series=[POWER])
    story.play("critical", series=[HOST, OTHER])
    assert len(story.sent()) == 2
    story.play("ok", series=[POWER])
    story.tick(seconds=4)
    assert [kind for _, kind in story.sent()] == ["firing", "firing", "resolved"]
    story.tick(seconds=2)
    assert [kind for _, kind in story.sent()] == ["firing", "firing", "resolved", "firing"]


def test_consequences_that_end_with_their_cause_are_told_to_nobody(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, INHIBITING)
    story.play("critical", series=[POWER])
    story.play("critical", series=[HOST])
    story.play("ok", series=[POWER])
    story.play("ok", series=[HOST])
    story.tick(minutes=1)
    assert [kind for _, kind in story.sent()] == ["firing", "resolved"]


def test_in_a_mute_window_it_waits_for_its_end(state_on_sqlite: State) -> None:
    noon = {"name": "lunch", "time_intervals": [{"times": [{"start_time": "11:00", "end_time": "13:00"}]}]}
    muting = configured(
        mute_windows=[noon],
        routing={"receiver": "all", "routes": [{"matchers": ['project="shop"'], "mute_time_intervals": ["lunch"]}]},
    )
    story = Story(state_on_sqlite, muting)
    story.play("warning")
    assert story.sent() == []
    assert story.now > NOON
    story.tick(minutes=59)
    assert story.sent() == []
    story.tick(minutes=2)
    assert story.sent() == [("all", "firing")]


@pytest.mark.parametrize("holding", ["silence", "window"])
def test_what_somebody_does_between_an_end_and_the_look_at_it_puts_off_nothing(state: State, holding: str) -> None:
    story = Story(state, muting("12:30", "13:30") if holding == "window" else PLAN)  # Berlin: until 12:30 UTC
    if holding == "silence":
        made = NewSilence(parsed_all(['project_id="shop"']), story.now, NOON + timedelta(minutes=30), "why not")
        silences.create(state, story.plan, made, "somebody", story.now)
    story.play("warning")
    story.tick(minutes=29)
    assert story.sent() == []
    story.wait(minutes=1)
    actions.comment(state, story.plan, story.alert().id, SOMEBODY, story.now, text="hm")
    story.tick(seconds=1)
    assert story.sent() == [("all", "firing")]


def test_what_a_window_held_back_is_told_when_the_window_is_removed(state: State) -> None:
    story = Story(state, muting("00:00", "23:59"))
    story.play("warning")
    story.tick(minutes=1)
    assert story.sent() == []
    story.plan = PLAN
    deadlines.reconsider(state, story.now)
    story.tick()
    assert story.sent() == [("all", "firing")]


def muting(start: str, end: str) -> Plan:
    times = [{"times": [{"start_time": start, "end_time": end}], "location": "Europe/Berlin"}]
    return configured(
        mute_windows=[{"name": "night", "time_intervals": times}],
        routing={"receiver": "all", "routes": [{"matchers": ['project="shop"'], "mute_time_intervals": ["night"]}]},
    )


# in Berlin the clock goes from 02:00 to 03:00 at 01:00 UTC, and from 03:00 back to 02:00
@pytest.mark.parametrize(
    ("start", "end", "fires", "told"),
    [
        ("01:30", "04:00", "2026-03-29T00:45", "2026-03-29T02:00"),
        ("01:30", "04:00", "2026-10-25T00:15", "2026-10-25T03:00"),
        ("01:30", "02:30", "2026-03-29T00:45", "2026-03-29T01:00"),  # its end is skipped
        ("01:30", "02:30", "2026-10-25T00:00", "2026-10-25T00:30"),
        ("02:00", "02:30", "2026-10-25T01:05", "2026-10-25T01:30"),  # the hour that comes twice, the second time
    ],
)
def test_a_mute_window_ends_by_the_wall_clock_in_the_night_that_it_is_changed(
    state_on_sqlite: State, start: str, end: str, fires: str, told: str
) -> None:
    story = Story(state_on_sqlite, muting(start, end), now=datetime.fromisoformat(f"{fires}+00:00"))
    story.play("warning")
    while story.now.isoformat() < told:
        assert story.sent() == []
        due = deadlines.next_deadline(story.state)
        assert due is not None
        story.now = due
        story.tick()
    assert story.sent() == [("all", "firing")]
    assert story.now.isoformat().startswith(told)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2016-12-31", "2028-02-29"])
def test_escalations_and_repeats_count_seconds_whatever_the_night(state_on_sqlite: State, day: str) -> None:
    story = Story(state_on_sqlite, ESCALATING, now=datetime.fromisoformat(f"{day}T23:50:00+00:00"))
    story.play("critical")
    opened, found = story.now, []
    while len(found) < 4:
        story.now = deadlines.next_deadline(story.state) or story.now
        before = len(story.sent())
        story.tick()
        found += [(kind, story.now - opened) for _, kind in story.sent()[before:]]
    assert found == [
        ("escalated", timedelta(minutes=15)), ("escalated", timedelta(minutes=30)),
        ("repeat", timedelta(hours=1)), ("repeat", timedelta(hours=1, minutes=30)),
    ]  # fmt: skip


def test_nothing_is_due_where_nothing_fires(state: State) -> None:
    assert deadlines.next_deadline(state) is None
    assert deadlines.tick(state, plan([]), NOON).told == 0
