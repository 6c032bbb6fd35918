"""A process that is started anew, or a clock that is set, between two looks: every deadline is kept, nothing storms.

Belongs here: deadlines across restarts and steps of the clock. Does not belong here: deadlines by themselves
(`unit/alerting/test_deadlines.py`), kills (`test_delivery_kills.py`, `api/test_crash_alerting.py`).
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.alerting import deadlines
from quality_platform.alerting.episodes import actions
from quality_platform.alerting.evaluate import evaluate_thresholds
from quality_platform.alerting.notices.groups import FREE, SHORTEST, Pace
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.plans import PlanSource
from quality_platform.api.live.announcer import Announcer
from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.model.alerts import Series
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.rules import ThresholdRule
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.state.models import RuleStateRow
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import CPU, NOON, minutes, plan, plant, webhook
from quality_platform_tests.data.story import SOMEBODY, Story

POLICY = {"name": "usual", "steps": [{"after": "15m", "channels": ["boss"]}, {"after": "30m", "channels": ["boss"]}]}


def configured(**sections: object) -> Plan:
    channels = [webhook("all"), webhook("boss", severity_levels=["info"])]
    return Plan.of(QualityConfig.model_validate({"rules": [], "channels": channels, **sections}))


ESCALATING = configured(escalations=[POLICY], routing={"receiver": "all", "escalation": "usual"})


def restart(story: Story, settings: Settings) -> None:
    """What follows is done by a process of its own."""
    story.state.close()
    story.state = State(settings)


# --- restarts --------------------------------------------------------------------------------------------------------


def test_what_is_pending_at_a_restart_fires_at_the_very_sample(state_settings: Settings, observed_lake: Lake) -> None:
    project = "pending-on-postgresql" if state_settings.postgres_url else "pending-on-sqlite"
    rule = {"name": "busy", "metric_name": "cpu", "warning_threshold": 80, "critical_threshold": 90, "for": "PT10M"}
    used = plan([ThresholdRule.model_validate({**rule, "project_id": project})], [webhook("all")])
    fired, since = [], []
    for at, value in ((0, 10.0), (1, 99.0), (6, 99.0), (10.9, 99.0), (11, 99.0), (12, 99.0)):
        plant(observed_lake, project, [(NOON + minutes(at), value)])
        with closing(State(state_settings)) as state:  # a process of its own for each sample
            fired.append(evaluate_thresholds(state, observed_lake, used, NOON + minutes(at)).fired)
            with state.read() as session:
                since.append(session.query(RuleStateRow).one().pending_since)
    assert fired == [0, 0, 0, 0, 1, 0]
    assert since[:4] == [None, *[NOON + minutes(1)] * 3]


def test_escalation_goes_on_where_it_was(state_settings: Settings) -> None:
    story = Story(State(state_settings), ESCALATING)
    story.play("critical")
    restart(story, state_settings)
    story.tick(minutes=14, seconds=59)
    assert story.sent() == [("all", "firing")]
    restart(story, state_settings)
    story.tick(seconds=1)
    assert story.sent() == [("all", "firing"), ("boss", "escalated")]
    restart(story, state_settings)
    story.tick(minutes=14, seconds=59)
    assert len(story.sent()) == 2
    restart(story, state_settings)
    story.tick(seconds=1)
    assert story.sent()[2:] == [("boss", "escalated")]
    restart(story, state_settings)
    story.tick(minutes=10)
    assert len(story.sent()) == 3
    story.state.close()


def test_a_snooze_ends_when_it_was_to_end(state_settings: Settings) -> None:
    story = Story(State(state_settings), configured())
    story.play("warning")
    actions.snooze(story.state, story.plan, story.alert().id, SOMEBODY, story.now, until=story.now + minutes(60))
    story.play("critical")
    restart(story, state_settings)
    story.tick(minutes=59)
    assert (story.sent(), story.alert().snoozed_until is None) == ([("all", "firing")], False)
    restart(story, state_settings)
    story.tick(minutes=1)
    assert (story.sent(), story.alert().snoozed_until) == ([("all", "firing")] * 2, None)
    story.state.close()


def test_an_acknowledgement_for_a_while_ends_when_it_was_to_end(state_settings: Settings) -> None:
    story = Story(State(state_settings), ESCALATING)
    story.play("critical")
    actions.acknowledge(story.state, story.plan, story.alert().id, SOMEBODY, story.now, until=story.now + minutes(20))
    restart(story, state_settings)
    story.tick(minutes=19, seconds=59)
    assert story.alert().status == "acknowledged"
    restart(story, state_settings)
    story.tick(seconds=1)
    assert story.alert().status == "active"
    restart(story, state_settings)
    story.tick(minutes=15)
    assert story.sent()[-1] == ("boss", "escalated")
    story.state.close()


# --- what is overdue and held back -----------------------------------------------------------------------------------


def test_an_escalation_that_a_snooze_holds_back_comes_when_it_ends(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, ESCALATING)
    story.play("critical")
    actions.snooze(story.state, story.plan, story.alert().id, SOMEBODY, story.now, until=story.now + minutes(60))
    for _ in range(4):
        story.tick(minutes=14)
    assert story.sent() == [("all", "firing")]
    story.tick(minutes=4)
    assert ("boss", "escalated") in story.sent()


def test_an_escalation_and_a_repeat_that_flapping_holds_back_wait_for_its_end(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, ESCALATING)
    for _ in range(4):
        story.play("critical")
        story.play("ok")
    for _ in range(10):  # it goes on for longer than an escalation and a repeat wait
        story.tick(minutes=8)
        story.play("critical", "ok")
    assert ("boss", "escalated") not in story.sent()
    story.play("critical")
    story.tick(minutes=11)
    assert [kind for channel, kind in story.sent() if channel == "boss"] == ["escalated"]
    assert [kind for _, kind in story.sent()].count("settled") == 1


OPEN = {"name": "open", "time_intervals": [{"times": [{"start_time": "12:10", "end_time": "23:00"}]}]}
MUTING = configured(
    mute_windows=[OPEN],
    routing={"receiver": "all", "routes": [{"matchers": ['project="shop"'], "mute_time_intervals": ["open"]}]},
)


def test_a_change_in_a_mute_window_waits_for_its_end_though_a_repeat_is_due(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, MUTING)
    story.play("warning")
    story.tick(minutes=20)
    story.play("critical")
    for _ in range(10):
        story.tick(hours=1)
    assert story.sent() == [("all", "firing")]
    story.tick(hours=1)
    assert story.sent() == [("all", "firing")] * 2


def test_nothing_is_repeated_in_a_mute_window(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, MUTING)
    story.play("critical")
    for _ in range(10):
        story.tick(hours=1)
    assert story.sent() == [("all", "firing")]
    story.tick(hours=2)
    assert story.sent() == [("all", "firing"), ("all", "repeat")]


# --- steps of the clock ----------------------------------------------------------------------------------------------

HOUR = timedelta(hours=1)
LOOKS = 12 * 6
"""Six hours, a look every five minutes."""


def lived(state: State, used: Plan, steps: dict[int, timedelta]) -> Counter[tuple[str, str]]:
    """What is told of a critical alert in six hours by a clock that is set by `steps` before these looks."""
    story = Story(state, used)
    story.play("critical")
    for look in range(1, LOOKS + 1):
        story.now += steps.get(look, timedelta(0))
        before = len(story.sent())
        story.tick(minutes=5)
        assert len(story.sent()) - before <= 2, "one repeat and one step of an escalation, at the most"
    story.play("ok")
    return Counter(story.sent())


@pytest.mark.parametrize(
    ("steps", "repeats"),
    [
        ({}, {5, 6}),
        ({30: HOUR}, {5, 6, 7}),
        ({30: -HOUR}, {4, 5, 6}),
        ({30: HOUR, 36: -HOUR}, {5, 6, 7}),
        ({30: -HOUR, 36: HOUR}, {5, 6, 7}),
        ({2: HOUR}, {5, 6, 7}),
        ({2: -HOUR}, {4, 5, 6}),
    ],
    ids=["steady", "forward", "back", "forward and back", "back and forward", "early forward", "early back"],
)
def test_a_clock_that_is_set_repeats_once_more_at_most_and_loses_no_deadline(
    state_on_sqlite: State, steps: dict[int, timedelta], repeats: set[int]
) -> None:
    told = lived(state_on_sqlite, ESCALATING, steps)
    assert told["all", "repeat"] in repeats
    assert told["boss", "escalated"] in ({1, 2} if HOUR in steps.values() else {2}), (
        "steps that are due at once are one"
    )
    assert (told["all", "firing"], told["all", "resolved"], told["boss", "resolved"]) == (1, 1, 1)
    assert deadlines.next_deadline(state_on_sqlite) is None


@pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["forward", "back"])
def test_a_snooze_ends_though_the_clock_is_set(state_on_sqlite: State, step: timedelta) -> None:
    story = Story(state_on_sqlite, configured())
    story.play("warning")
    actions.snooze(story.state, story.plan, story.alert().id, SOMEBODY, story.now, until=story.now + minutes(90))
    story.play("critical")
    story.now += step
    for _ in range(31):  # until an hour after its time
        story.tick(minutes=5)
    assert story.sent() == [("all", "firing")] * 2


def test_news_of_a_busy_group_does_not_wait_for_an_hour_that_comes_again(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, configured())
    hosts = [Series(CPU, "shop", f"host-{number}") for number in range(FREE + 2)]
    for host in hosts[:-1]:
        story.play("critical", series=[host])
    story.tick(seconds=1)
    assert len(story.sent()) == FREE + 1
    story.wait(hours=-1)
    story.play("critical", series=hosts[-1:])
    story.tick(seconds=1)
    assert len(story.sent()) == FREE + 2


@given(st.integers(0, 50), st.floats(-7200, 7200), st.floats(0, 300), st.booleans())
def test_no_group_waits_longer_than_its_interval_wherever_the_clock_was(
    burst: int, ago: float, interval: float, urgent: bool
) -> None:
    pace = Pace(NOON - timedelta(seconds=ago), burst, interval=timedelta(seconds=interval))
    longest = SHORTEST if urgent else max(SHORTEST, timedelta(seconds=interval))
    assert NOON <= pace.flush_at(NOON, urgent=urgent) <= NOON + longest


def test_the_live_service_notices_that_its_clock_was_set_back(state_on_sqlite: State, tmp_path: Path) -> None:
    story = Story(state_on_sqlite, configured(), now=datetime.now(UTC))
    settings = Settings(home=tmp_path / "home")
    plans = PlanSource(settings, state_on_sqlite, WatchedConfiguration(settings))
    announcer = Announcer(settings, state_on_sqlite, plans, lambda: None)
    for host in range(FREE + 1):
        story.play("critical", series=[Series(CPU, "shop", f"host-{host}")])
    story.wait(seconds=-0.9)
    story.play("critical", series=[Series(CPU, "shop", "last")])
    told = len(story.sent())
    assert deadlines.next_deadline(state_on_sqlite) is not None
    announcer._mind_the_clock(story.now)
    story.wait(hours=-1)
    story.tick(seconds=1)
    assert len(story.sent()) == told
    announcer._mind_the_clock(story.now)
    story.tick(seconds=1)
    assert len(story.sent()) == told + 1
