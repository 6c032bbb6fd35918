"""What each transition does to an episode, its events and whom it tells: by table, then the odd cases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from quality_platform.alerting.conditions.judgement import Judgement, settled
from quality_platform.alerting.episodes import actions, lifecycle
from quality_platform.alerting.episodes.changes import Changes
from quality_platform.model.alerts import Evidence, Level, Transition
from quality_platform.state import alerts
from quality_platform.state.database import State
from quality_platform.state.rule_states import NEW
from quality_platform_tests.data.alerting import NOON, plan, webhook
from quality_platform_tests.data.story import SERIES, SOMEBODY, Story, step

PLAN = plan([], (webhook("all"), webhook("pager", severity_levels=["critical"])))


@pytest.mark.parametrize(
    ("levels", "expected", "sent"),
    [
        (["warning"], ["fired"], [("all", "firing")]),
        (["critical"], ["fired"], [("all", "firing"), ("pager", "firing")]),
        (
            ["warning", "critical"],
            ["fired", "severity_changed"],
            [("all", "firing"), ("all", "firing"), ("pager", "firing")],
        ),
        (
            ["critical", "warning", "ok"],
            ["fired", "severity_changed", "resolved"],
            [(channel, kind) for kind in ("firing", "firing", "resolved") for channel in ("all", "pager")],
        ),
        (
            ["warning", "ok", "warning"],
            ["fired", "resolved", "reopened"],
            [("all", "firing"), ("all", "resolved"), ("all", "firing")],
        ),
    ],
)
def test_every_transition_has_its_event_and_its_messages(
    state: State, levels: list[Level], expected: list[str], sent: list[tuple[str, str]]
) -> None:
    story = Story(state, PLAN)
    for level in levels:
        story.play(level)
    assert story.events() == expected
    assert sorted(story.sent()) == sorted(sent)
    assert [kind for _, kind in story.sent()] == [kind for _, kind in sent]


def test_what_happens_at_once_is_told_at_once(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    story.play("warning", "critical")
    assert story.events() == ["fired", "severity_changed"]
    assert sorted(story.sent()) == [("all", "firing"), ("pager", "firing")]


def test_what_came_and_went_at_once_is_told_in_one(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    story.play("warning", "ok")
    assert story.sent() == [("all", "resolved")]
    assert "cleared" in story.titles()[0].lower()


def test_an_episode_is_as_its_last_event_left_it(state: State) -> None:
    story = Story(state, PLAN)
    for level in ("warning", "critical", "ok"):
        story.play(level)
    episode = story.alert()
    assert (episode.status, episode.severity, episode.reason, episode.rule) == (
        "resolved", "critical", "recovered", "busy",
    )  # fmt: skip
    assert episode.message == "CPU use of host in shop: 91% is above 90%."
    assert (episode.opened_at, episode.resolved_at) == (NOON + timedelta(seconds=1), NOON + timedelta(seconds=3))


def test_soon_after_its_end_the_same_episode_reopens_and_later_another_begins(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    story.play("warning")
    story.play("ok")
    story.wait(minutes=4)
    story.play("warning")
    first = story.alert()
    assert (first.status, first.reopened) == ("active", 1)
    story.play("ok")
    story.wait(minutes=6)
    story.play("warning")
    second = story.alert()
    assert (second.fingerprint, second.reopened) == (first.fingerprint, 0)
    assert second.id != first.id


def test_an_end_without_a_beginning_says_nothing(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    changes = story.play("ok")
    assert (story.events(), story.sent(), changes.count("resolved")) == ([], [], 0)


def test_the_end_goes_where_the_start_went_whatever_the_routes_say_now(state: State) -> None:
    story = Story(state, PLAN)
    story.play("critical")
    story.plan = plan([], [webhook("all", severity_levels=["info"]), PLAN.channels["pager"], webhook("late")])
    story.play("ok")
    assert sorted(story.sent()[:2]) == [("all", "firing"), ("pager", "firing")]
    assert sorted(story.sent()[2:]) == [("all", "resolved"), ("pager", "resolved")]


def test_who_wants_no_ends_gets_none(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, plan([], [webhook("all", send_resolved=False)]))
    story.play("critical")
    story.play("ok")
    assert story.sent() == [("all", "firing")]


def test_what_was_overtaken_writes_nothing(state: State) -> None:
    story = Story(state, PLAN)
    story.play("warning")
    stale = Judgement("busy", "threshold_violation", SERIES, NEW, story.memory[SERIES], (step("ok", "warning"),))
    with state.write(serial="alerts") as session:
        assert lifecycle.record(Changes(session, story.plan, NOON), [stale]) == 1
    assert story.events() == ["fired"]


LONG_AGO, JUST_NOW = NOON - timedelta(hours=1), NOON


def at(moment: datetime, before: Level, to: Level) -> Transition:
    return Transition(before, to, Evidence(91.0, 90.0, moment))


@pytest.mark.parametrize(
    ("transitions", "told"),
    [
        ((), ()),
        ((at(LONG_AGO, "ok", "warning"), at(LONG_AGO, "warning", "ok")), ()),
        ((at(LONG_AGO, "ok", "warning"), at(LONG_AGO, "warning", "critical")), (at(LONG_AGO, "ok", "critical"),)),
        ((at(JUST_NOW, "ok", "warning"), at(JUST_NOW, "warning", "ok")), "all"),
        ((at(LONG_AGO, "ok", "warning"), at(JUST_NOW, "warning", "ok")), ()),
        ((at(LONG_AGO, "ok", "warning"), at(JUST_NOW, "warning", "critical")), (at(JUST_NOW, "ok", "critical"),)),
        (
            (at(LONG_AGO, "ok", "warning"), at(JUST_NOW, "warning", "ok"), at(JUST_NOW, "ok", "critical")),
            (at(JUST_NOW, "ok", "critical"),),
        ),
    ],
)
def test_a_first_evaluation_tells_what_is_true_at_its_end_and_what_happened_while_it_watched(
    transitions: tuple[Transition, ...], told: object
) -> None:
    assert settled(transitions, NOON - timedelta(minutes=2)) == (transitions if told == "all" else told)
    assert len(settled(transitions)) == bool(transitions and transitions[-1].to != "ok")


def test_a_rise_voids_an_acknowledgement_and_a_fall_keeps_it(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    story.play("warning")
    actions.acknowledge(story.state, story.plan, story.alert().id, SOMEBODY, story.now)
    story.play("critical")
    assert (story.alert().status, story.alert().acknowledged_by) == ("active", None)
    actions.acknowledge(story.state, story.plan, story.alert().id, SOMEBODY, story.now)
    story.play("warning")
    assert (story.alert().status, story.alert().acknowledged_by) == ("acknowledged", SOMEBODY.name)


def test_versions_count_every_event(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    for expected, level in enumerate(("warning", "critical", "ok"), start=1):
        story.play(level)
        with state_on_sqlite.read() as session:
            assert alerts.newest(session)[0].version == expected
