"""Silences hold back starts and repeats, never ends; what they held back is told when they end."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from quality_platform.alerting.episodes import silence_alerts, silences
from quality_platform.alerting.episodes.silences import NewSilence
from quality_platform.alerting.routing.matchers import parsed_all
from quality_platform.errors import ConflictError, NotFoundError, UsageError
from quality_platform.state.database import State
from quality_platform.state.models import SilenceRow
from quality_platform_tests.data.alerting import NOON, plan, webhook
from quality_platform_tests.data.story import Story

PLAN = plan([], [webhook("all")])
HOUR = timedelta(hours=1)


def silence(story: Story, *matchers: str, **fields: object) -> SilenceRow:
    usual = {"starts_at": story.now, "ends_at": story.now + HOUR, "comment": "maintenance"}
    made = NewSilence(parsed_all(matchers or ('project_id="shop"',)), **{**usual, **fields})  # type: ignore[arg-type]
    return silences.create(story.state, story.plan, made, "somebody", story.now)


def test_what_fires_in_silence_is_told_when_it_ends(state: State) -> None:
    story = Story(state, PLAN)
    made = silence(story)
    story.play("warning")
    assert (story.sent(), json.loads(story.alert().silenced_by)) == ([], [made.id])
    story.tick(minutes=44)
    assert story.sent() == []
    story.tick(minutes=17)
    assert story.sent() == [("all", "firing")]
    assert json.loads(story.alert().silenced_by) == []


def test_what_came_and_went_in_silence_is_told_to_nobody(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    silence(story)
    story.play("warning")
    story.play("ok")
    story.tick(hours=2)
    assert story.sent() == []


def test_an_end_is_told_through_a_silence_made_after_the_start(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    story.play("warning")
    made = silence(story)
    assert json.loads(story.alert().silenced_by) == [made.id]
    story.play("ok")
    assert story.sent() == [("all", "firing"), ("all", "resolved")]


def test_repeats_are_silenced_and_go_on_afterwards(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    story.play("warning")
    silence(story, ends_at=story.now + 5 * HOUR)
    story.tick(hours=4, minutes=1)
    assert len(story.sent()) == 1
    story.tick(hours=4)
    assert story.sent() == [("all", "firing"), ("all", "repeat")]


def test_ended_early_it_is_told_at_once(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    made = silence(story)
    story.play("warning")
    story.wait(minutes=1)
    silences.expire(story.state, story.plan, made.id, "somebody", story.now)
    assert story.sent() == [("all", "firing")]
    silences.expire(story.state, story.plan, made.id, "somebody", story.now)
    assert len(story.sent()) == 1


def test_another_alert_is_told(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    silence(story, 'project_id="other"')
    story.play("warning")
    assert story.sent() == [("all", "firing")]
    assert silences.preview(story.state, parsed_all(['rule="busy"'])) == 1
    assert silences.preview(story.state, parsed_all(['rule="calm"'])) == 0


@pytest.mark.parametrize(
    ("fields", "matchers", "named"),
    [
        ({}, ('a=~".*"',), "matchers"),
        ({"ends_at": NOON - HOUR}, (), "ends_at"),
        ({"ends_at": NOON + timedelta(days=400)}, (), "ends_at"),
        ({"comment": "  "}, (), "comment"),
        ({"kinds": ("resolved",)}, (), "kinds"),
        ({"kinds": ()}, (), "kinds"),
    ],
)
def test_what_cannot_be_is_refused_and_named(
    state_on_sqlite: State, fields: dict[str, object], matchers: tuple[str, ...], named: str
) -> None:
    with pytest.raises(UsageError, match=f"^{named}"):
        silence(Story(state_on_sqlite, PLAN), *matchers, **fields)


def test_a_changed_silence_keeps_its_name_and_one_that_is_over_cannot_be_changed(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    made = silence(story)
    longer = NewSilence(parsed_all(['rule="busy"']), story.now, story.now + 3 * HOUR, "longer")
    changed = silences.create(story.state, story.plan, longer, "somebody", story.now, replaces=made.id)
    assert (changed.id, changed.version, changed.comment) == (made.id, 2, "longer")
    silences.expire(story.state, story.plan, made.id, "somebody", story.now)
    story.wait(seconds=1)
    with pytest.raises(ConflictError, match="over"):
        silences.create(story.state, story.plan, longer, "somebody", story.now, replaces=made.id)
    with pytest.raises(NotFoundError):
        silences.expire(story.state, story.plan, "nonsense", "somebody", story.now)


def test_a_silence_may_end_with_its_alert(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    story.play("warning")
    made = silence(story, 'rule="busy"', expire_on_resolve=True)
    story.play("ok")
    assert silences.get(state_on_sqlite, made.id).ends_at == story.now
    story.play("warning")
    assert story.sent()[-1] == ("all", "firing")


def test_that_it_ends_soon_is_said_while_it_holds_something_back(state: State) -> None:
    story = Story(state, PLAN)
    made = silence(story, "severity=warning")  # which would hold back what is said of it, too
    story.play("warning")
    story.tick(minutes=44)
    assert story.sent() == []
    story.tick(minutes=1)
    assert story.sent() == [("all", "firing")]
    said = story.alert()
    assert (said.rule, said.subject, said.ends_at) == (silence_alerts.RULE, made.id, made.ends_at)
    assert "maintenance" in said.message
    assert "91%" in said.message
    story.tick(minutes=16)
    assert sorted(story.sent()[1:]) == [("all", "firing"), ("all", "resolved")]
    story.tick(hours=1)
    assert len(story.sent()) == 3


def test_made_longer_it_does_not_end_soon_any_more(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    made = silence(story)
    story.play("warning")
    story.tick(minutes=50)
    longer = NewSilence(parsed_all(('project_id="shop"',)), story.now, story.now + HOUR, "it takes longer")
    silences.create(story.state, story.plan, longer, "somebody", story.now, replaces=made.id)
    assert story.sent() == [("all", "firing"), ("all", "resolved")]
    story.tick(minutes=46)
    assert story.sent()[2:] == [("all", "firing")]
    silences.expire(story.state, story.plan, made.id, "somebody", story.now)
    assert sorted(story.sent()[3:]) == [("all", "firing"), ("all", "resolved")]


@pytest.mark.parametrize("minutes", [59, 60])
def test_nobody_is_warned_of_a_short_one_or_one_that_holds_nothing_back(state_on_sqlite: State, minutes: int) -> None:
    story = Story(state_on_sqlite, PLAN)
    silence(story, ends_at=story.now + timedelta(minutes=minutes))
    if minutes == 59:
        story.play("warning")
    story.tick(minutes=minutes - 1)
    assert story.sent() == []
