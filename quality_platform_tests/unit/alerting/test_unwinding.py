"""The clock is set back or forward by an hour: what was noted before hides nothing that comes, and nothing waits twice.

Belongs here: the memory of rules, alerts and notices, and noticing. Does not belong here: whole processes
(`integration/test_clock_steps.py`), the outbox (`unit/state/test_state_outbox.py`).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from quality_platform.alerting import unwinding
from quality_platform.alerting.conditions.arrivals import chosen
from quality_platform.alerting.conditions.live import LiveThresholds
from quality_platform.alerting.episodes import actions, silences
from quality_platform.alerting.episodes.silences import NewSilence
from quality_platform.alerting.evaluate import evaluate_thresholds
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing.matchers import parsed_all
from quality_platform.alerting.set_clock import DRIFT, SetClock
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.rules import AbsenceRule, HeartbeatRule, RuleConfig, ThresholdRule
from quality_platform.state.database import State
from quality_platform.state.models import FlapRow
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import NOON, events, minutes, plan, webhook
from quality_platform_tests.data.arriving import Point, arrive
from quality_platform_tests.data.story import SOMEBODY, Story

NUMBERS = itertools.count()
HOUR = timedelta(hours=1)
BACK = NOON - HOUR


# --- rules -----------------------------------------------------------------------------------------------------------


class Judged:
    """A project judged in one of the two ways, by a clock that can be set."""

    def __init__(self, way: str, state: State, lake: Lake, rule: RuleConfig) -> None:
        self.way, self.state, self.lake, self.project = way, state, lake, f"set-{next(NUMBERS)}"
        self.plan = plan([rule.model_copy(update={"project_id": self.project})])
        self.live = LiveThresholds(state, lake, self.plan)
        self.live.catch_up(NOON)

    def come(self, *points: Point) -> None:
        for point in points:
            batch = arrive(self.lake, self.project, [point], in_mart=True)
            if self.way == "live":
                self.live.take(chosen([batch], self.live.metrics), point[1])
            self.look(point[1])

    def look(self, now: datetime) -> None:
        if self.way == "live":
            self.live.tick(now)
        else:
            evaluate_thresholds(self.state, self.lake, self.plan, now)

    def set(self, before: datetime, now: datetime) -> None:
        """As a process does that notices it."""
        self.live.save(before)
        unwinding.follow(now - before, self.state, self.plan, now)
        self.live.catch_up(now)

    @property
    def told(self) -> list[tuple[str, datetime]]:
        return [(each.kind, each.event_time) for each in events(self.state) if each.project == self.project]


@pytest.fixture(params=["live", "sensors"])
def judged(request: pytest.FixtureRequest, state_on_sqlite: State, observed_lake: Lake) -> Callable[..., Judged]:
    return lambda rule: Judged(request.param, state_on_sqlite, observed_lake, rule)


def busy(**fields: object) -> ThresholdRule:
    body = {"name": "busy", "metric_name": "cpu", "warning_threshold": 80, "critical_threshold": 90}
    return ThresholdRule.model_validate({**body, **fields})


def test_what_breaches_after_the_clock_was_set_back_fires_and_clears_at_once(judged: Callable[..., Judged]) -> None:
    used = judged(busy())
    used.come(("a", NOON, 10.0))
    used.set(NOON, BACK)
    used.come(("a", BACK + minutes(1), 85.0), ("a", BACK + minutes(2), 10.0))
    assert used.told == [("fired", BACK + minutes(1)), ("resolved", BACK + minutes(2))]


def test_what_fires_clears_after_the_clock_was_set_back(judged: Callable[..., Judged]) -> None:
    used = judged(busy())
    used.come(("a", NOON, 85.0))
    used.set(NOON, BACK)
    used.come(("a", BACK + minutes(1), 10.0))
    assert used.told == [("fired", NOON), ("resolved", BACK + minutes(1))]


def test_what_came_between_the_step_and_its_notice_is_judged(judged: Callable[..., Judged]) -> None:
    used = judged(busy())
    used.come(("a", NOON, 10.0))
    arrive(used.lake, used.project, [("a", BACK + minutes(0.5), 95.0)], in_mart=True)
    used.set(NOON, BACK + minutes(1))
    used.look(BACK + minutes(1))
    assert [kind for kind, _ in used.told] == ["fired"]


def test_pending_and_recovering_go_on_for_no_longer_than_they_would(judged: Callable[..., Judged]) -> None:
    used = judged(busy(**{"for": "PT10M", "keep_firing_for": "PT5M"}))
    used.come(("a", NOON - 3 * HOUR, 10.0), ("a", NOON, 85.0))
    used.set(NOON, BACK)
    used.come(*[("a", BACK + minutes(n), 85.0) for n in (1, 9.9, 10, 11)], ("a", BACK + minutes(12), 10.0))
    assert used.told == [("fired", BACK + minutes(10))]
    used.set(BACK + minutes(12), BACK - HOUR)
    used.look(BACK - HOUR + minutes(4.9))
    assert len(used.told) == 1
    used.look(BACK - HOUR + minutes(5))
    assert used.told[1:] == [("resolved", BACK - HOUR + minutes(5))]


@pytest.mark.parametrize(
    "rule",
    [
        AbsenceRule(name="gone", metric_name="cpu", stale_after=minutes(5)),
        HeartbeatRule(name="beat", metric_name="cpu", every=minutes(4), grace=minutes(1)),
        busy(no_data="alert", stale_after=minutes(5)),
    ],
    ids=["absence", "heartbeat", "no data"],
)
def test_silence_is_noticed_in_its_time_after_the_clock_was_set_back(
    judged: Callable[..., Judged], rule: RuleConfig
) -> None:
    used = judged(rule)
    used.come(("a", BACK - minutes(1), 10.0), ("a", NOON, 10.0))
    used.set(NOON, BACK)
    used.look(BACK + minutes(5) - unwinding.UNNOTICED)
    assert used.told == []
    used.look(BACK + minutes(6))
    assert used.told == [("fired", BACK + minutes(6))]


def test_an_hour_that_was_skipped_is_nobodys_silence_to_who_listens(
    state_on_sqlite: State, observed_lake: Lake
) -> None:
    used = Judged("live", state_on_sqlite, observed_lake, AbsenceRule(metric_name="cpu", stale_after=minutes(5)))
    used.come(("a", NOON, 10.0))
    used.set(NOON, NOON + HOUR)
    used.look(NOON + HOUR + minutes(4))
    assert used.told == []
    used.look(NOON + HOUR + minutes(6))
    assert [kind for kind, _ in used.told] == ["fired"]


def test_who_only_reads_takes_a_skipped_hour_for_silence_until_the_next_sample(
    state_on_sqlite: State, observed_lake: Lake
) -> None:
    used = Judged("sensors", state_on_sqlite, observed_lake, AbsenceRule(metric_name="cpu", stale_after=minutes(5)))
    used.come(("a", NOON, 10.0))
    for _ in range(3):
        used.look(NOON + HOUR)
    used.come(("a", NOON + HOUR + minutes(1), 10.0))
    assert [kind for kind, _ in used.told] == ["fired", "resolved"]


def test_clocks_that_differ_a_little_move_no_memory(state_on_sqlite: State, observed_lake: Lake) -> None:
    used = Judged("sensors", state_on_sqlite, observed_lake, busy())
    used.come(("a", NOON, 85.0), ("a", NOON + minutes(0.5), 10.0))
    unwinding.unwind(state_on_sqlite, used.plan, NOON)
    used.look(NOON + minutes(1))
    assert [kind for kind, _ in used.told] == ["fired", "resolved"]


# --- alerts and who is told ------------------------------------------------------------------------------------------

POLICY = {"name": "usual", "steps": [{"after": "15m", "channels": ["boss"]}, {"after": "30m", "channels": ["boss"]}]}
USED = Plan.of(
    QualityConfig.model_validate(
        {
            "rules": [],
            "channels": [webhook("all"), webhook("boss", severity_levels=["info"])],
            "escalations": [POLICY],
            "routing": {"receiver": "all", "escalation": "usual", "repeat_interval": "20m"},
        }
    )
)


def set_back(story: Story) -> None:
    story.wait(hours=-1)
    unwinding.unwind(story.state, story.plan, story.now)
    story.tick()


def kinds(story: Story, channel: str) -> list[str]:
    return [kind for name, kind in story.sent() if name == channel]


def test_escalations_and_repeats_wait_no_longer_than_their_interval(state: State) -> None:
    story = Story(state, USED)
    story.play("critical")
    story.tick(minutes=5)
    set_back(story)
    for _ in range(6):
        story.tick(minutes=5)
    assert kinds(story, "boss") == ["escalated", "escalated"]
    assert kinds(story, "all") == ["firing", "repeat"]


def test_who_flaps_settles_in_its_time(state: State) -> None:
    story = Story(state, plan([], [webhook("all")]))
    story.play(*["critical", "ok"] * 3, "critical")
    assert story.alert().flapping
    set_back(story)
    story.tick(minutes=9)
    assert story.alert().flapping
    story.tick(minutes=1, seconds=1)
    assert not story.alert().flapping
    with state.read() as session:
        assert json.loads(session.query(FlapRow).one().changes) == []


def test_a_silence_that_was_in_force_stays_so_and_one_for_later_comes_later(state: State) -> None:
    story = Story(state, plan([], [webhook("all")]))
    story.wait(seconds=1)
    for begins, comment in ((0, "now"), (30, "later")):
        start = story.now + minutes(begins)
        made = NewSilence(parsed_all(['project_id="shop"']), start, start + 5 * HOUR, comment)
        silences.create(state, story.plan, made, "somebody", story.now)
    set_back(story)
    story.play("critical")
    assert story.sent() == []
    starts = {row.comment: row.starts_at for row in silences.listed(state)}
    assert starts["now"] < story.now < starts["later"]


def test_a_silence_that_was_ended_does_not_begin_again(state: State) -> None:
    story = Story(state, plan([], [webhook("all")]))
    story.wait(seconds=1)
    made = NewSilence(parsed_all(['project_id="shop"']), story.now, story.now + 5 * HOUR, "ended by hand")
    silence = silences.create(state, story.plan, made, "somebody", story.now)
    silences.expire(state, story.plan, silence.id, "somebody", story.now)
    set_back(story)
    story.play("critical")
    assert story.sent() != []


def test_an_acknowledged_alert_is_looked_at_too_and_says_that_it_is_silenced(state: State) -> None:
    story = Story(state, plan([], [webhook("all")]))
    made = NewSilence(parsed_all(['project_id="shop"']), story.now, story.now + minutes(1), "short")
    silence = silences.create(state, story.plan, made, "somebody", story.now)
    story.wait(seconds=90)
    story.play("critical")
    actions.acknowledge(state, story.plan, story.alert().id, SOMEBODY, story.now)
    assert (story.alert().due_at, json.loads(story.alert().silenced_by)) == (None, [])
    set_back(story)
    story.tick()
    assert json.loads(story.alert().silenced_by) == [silence.id]


def test_what_was_resolved_by_hand_is_held_closed_no_longer(state: State) -> None:
    story = Story(state, plan([busy()], [webhook("all")]))
    story.play("critical")  # held for its repeat interval: an hour
    actions.resolve(state, story.plan, story.alert().id, SOMEBODY, story.now)
    set_back(story)
    story.tick(minutes=59)
    assert story.alert().status == "resolved"
    story.tick(minutes=2)
    assert story.alert().status == "active"


def test_what_people_said_until_when_stays(state: State) -> None:
    story = Story(state, plan([], [webhook("all")]))
    story.play("critical")
    ends = story.now + minutes(30)
    actions.snooze(state, story.plan, story.alert().id, SOMEBODY, story.now, until=ends)
    set_back(story)
    assert story.alert().snoozed_until == ends


# --- noticing --------------------------------------------------------------------------------------------------------


def test_a_clock_says_how_far_it_was_set_until_that_is_settled() -> None:
    clock, now = SetClock(), datetime.now(UTC)
    assert clock.moved(now) is None
    clock.settle(now)
    assert clock.moved(now + DRIFT / 2) == timedelta(0)
    for step in (HOUR, -HOUR):
        for _ in range(2):
            moved = clock.moved(now + step)
            assert moved is not None
            assert abs(moved - step) < DRIFT
        clock.settle(now + step)
        assert clock.moved(now + step) == timedelta(0)
        clock.settle(now)


@pytest.mark.parametrize(
    ("moved", "now", "expected"),
    [
        (timedelta(0), BACK, False),
        (HOUR, BACK, False),
        (-HOUR, NOON, True),
        (None, NOON, False),
        (None, NOON - minutes(0.5), False),
        (None, BACK, True),
    ],
)
def test_who_does_not_know_asks_what_has_happened(
    state: State, moved: timedelta | None, now: datetime, expected: bool
) -> None:
    story = Story(state, plan([], [webhook("all")]), now=NOON - timedelta(seconds=1))
    story.play("critical")
    assert unwinding.follow(moved, state, story.plan, now) is expected


def test_where_nothing_has_happened_nothing_is_ahead(state: State) -> None:
    assert not unwinding.follow(None, state, plan([busy()]), BACK)
