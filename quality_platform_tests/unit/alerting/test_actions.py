"""What people do with alerts: each action, what it tells, what it refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quality_platform.access import trail
from quality_platform.alerting.episodes import actions
from quality_platform.errors import ConflictError, NotFoundError, UsageError, VersionError
from quality_platform.model.rules import ThresholdRule
from quality_platform.state.database import State
from quality_platform_tests.data.alerting import CPU, events, plan, webhook
from quality_platform_tests.data.story import SOMEBODY, Story

RULE = ThresholdRule(name="busy", metric_name=CPU, operator="above", warning_threshold=90)
PLAN = plan([RULE], [webhook("all"), webhook("pager", severity_levels=["critical"])])


def fired(state: State, level: str = "warning") -> Story:
    story = Story(state, PLAN)
    story.play(level)  # type: ignore[arg-type]
    return story


def act(story: Story, verb: str, **words: object) -> object:
    return actions.ACTIONS[verb](story.state, story.plan, story.alert().id, SOMEBODY, story.now, **words)


def test_acknowledging_is_told_to_who_knows_and_noted_once(state: State) -> None:
    story = fired(state)
    for _ in range(2):
        act(story, "acknowledge")
    assert story.events() == ["fired", "acknowledged"]
    assert story.sent() == [("all", "firing"), ("all", "acknowledged")]
    alert = story.alert()
    assert (alert.status, alert.acknowledged_by, alert.acknowledged_at) == ("acknowledged", SOMEBODY.name, story.now)


def test_taken_back_it_is_told_again(state_on_sqlite: State) -> None:
    story = fired(state_on_sqlite)
    act(story, "acknowledge")
    act(story, "unacknowledge")
    act(story, "unacknowledge")
    assert story.events() == ["fired", "acknowledged", "unacknowledged"]
    assert story.sent()[-1] == ("all", "firing")


def test_an_acknowledgement_may_end_by_itself(state_on_sqlite: State) -> None:
    story = fired(state_on_sqlite)
    act(story, "acknowledge", until=story.now + timedelta(minutes=30))
    story.tick(minutes=29)
    assert story.alert().status == "acknowledged"
    story.tick(minutes=1)
    assert (story.alert().status, story.sent()[-1]) == ("active", ("all", "firing"))


def test_assigning_commenting_and_marking_are_noted_and_told_to_nobody(state_on_sqlite: State) -> None:
    story = fired(state_on_sqlite)
    act(story, "assign", assignee="ann")
    act(story, "comment", text="the disk again")
    act(story, "mark", actionable=False)
    act(story, "mark", actionable=False)
    assert story.events() == ["fired", "assigned", "commented", "marked"]
    assert [(row.actor, row.note) for row in events(state_on_sqlite)][1:] == [
        (SOMEBODY.name, "ann"), (SOMEBODY.name, "the disk again"), (SOMEBODY.name, "noise"),
    ]  # fmt: skip
    assert len(story.sent()) == 1
    assert (story.alert().assignee, story.alert().actionable) == ("ann", False)


def test_snoozed_it_says_nothing_until_the_time_is_up_but_its_end(state_on_sqlite: State) -> None:
    story = fired(state_on_sqlite)
    act(story, "snooze", until=story.now + timedelta(hours=1))
    story.play("critical")
    assert story.sent() == [("all", "firing")]
    story.tick(hours=1)
    assert sorted(story.sent()[1:]) == [("all", "firing"), ("pager", "firing")]
    act(story, "snooze", until=story.now + timedelta(hours=1))
    story.play("ok")
    assert sorted(story.sent()[3:]) == [("all", "resolved"), ("pager", "resolved")]


def test_resolved_by_hand_it_stays_closed_while_the_rule_still_fires_then_reopens(state_on_sqlite: State) -> None:
    story = fired(state_on_sqlite)
    act(story, "resolve", note="restarted")
    act(story, "resolve")
    assert (story.alert().status, story.alert().manual, story.alert().reason) == ("resolved", True, "manual")
    story.tick(hours=3, minutes=59)
    assert story.alert().status == "resolved"
    story.tick(minutes=2)
    assert (story.alert().status, story.alert().reopened) == ("active", 1)
    assert story.events() == ["fired", "resolved", "reopened"]


def test_resolved_by_hand_and_then_truly_over_it_stays_closed(state_on_sqlite: State) -> None:
    story = fired(state_on_sqlite)
    act(story, "resolve")
    story.play("ok")
    story.tick(hours=5)
    assert story.events() == ["fired", "resolved"]
    story.play("warning")
    assert story.events() == ["fired", "resolved", "fired"]


@pytest.mark.parametrize("verb", ["acknowledge", "unacknowledge", "snooze"])
def test_what_is_over_refuses_and_says_how_it_stands(state_on_sqlite: State, verb: str) -> None:
    story = fired(state_on_sqlite)
    story.play("ok")
    words = {"until": None} if verb == "snooze" else {}
    with pytest.raises(ConflictError, match="over already") as refused:
        act(story, verb, **words)
    assert refused.value.current == "resolved"


def test_another_version_is_refused(state_on_sqlite: State) -> None:
    story = fired(state_on_sqlite)
    with pytest.raises(VersionError, match="version 1, not 7"):
        act(story, "acknowledge", version=7)
    act(story, "acknowledge", version=1)
    assert story.alert().version == 2


def test_nonsense_is_refused(state_on_sqlite: State) -> None:
    story = fired(state_on_sqlite)
    with pytest.raises(NotFoundError):
        actions.acknowledge(state_on_sqlite, PLAN, "nonsense", SOMEBODY, story.now)
    with pytest.raises(UsageError, match="until"):
        act(story, "acknowledge", until=story.now)
    with pytest.raises(UsageError, match="text"):
        act(story, "comment", text=" ")


def test_many_at_once_and_one_that_cannot(state_on_sqlite: State) -> None:
    story = fired(state_on_sqlite)
    found = actions.bulk(state_on_sqlite, PLAN, [story.alert().id, "nonsense"], "acknowledge", SOMEBODY, story.now)
    assert found[story.alert().id] == "done"
    assert "no alert" in found["nonsense"]
    with pytest.raises(UsageError, match="explode"):
        actions.bulk(state_on_sqlite, PLAN, [], "explode", SOMEBODY, story.now)


def test_every_action_is_in_the_audit(state_on_sqlite: State) -> None:
    story = fired(state_on_sqlite)
    act(story, "acknowledge", note="on it")
    (entry,) = trail.changes(state_on_sqlite)
    assert (entry.actor, entry.action, entry.subject) == (SOMEBODY.name, "alert.acknowledged", story.alert().id)
    assert entry.details["note"] == "on it"


def test_several_things_at_once_are_one_change(state_on_sqlite: State) -> None:
    story = fired(state_on_sqlite)
    steps = [("assign", {"assignee": "ann"}), ("acknowledge", {"note": "mine"})]
    actions.act(state_on_sqlite, PLAN, story.alert().id, SOMEBODY, story.now, steps, version=1)
    assert story.events() == ["fired", "assigned", "acknowledged"]
    assert [entry.action for entry in trail.changes(state_on_sqlite)] == ["alert.acknowledged", "alert.assigned"]


def test_where_one_of_several_cannot_be_none_is_done(state: State) -> None:
    story = fired(state)
    act(story, "resolve")
    before, told = story.alert(), story.sent()
    steps = [("assign", {"assignee": "ann"}), ("mark", {"actionable": True}), ("acknowledge", {})]
    with pytest.raises(ConflictError):
        actions.act(state, PLAN, before.id, SOMEBODY, story.now, steps)
    after = story.alert()
    assert (after.assignee, after.actionable, after.version) == (None, None, before.version)
    assert (story.events(), story.sent()) == (["fired", "resolved"], told)
    assert len(trail.changes(state)) == 1
