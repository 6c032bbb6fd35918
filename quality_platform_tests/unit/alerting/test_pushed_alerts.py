"""Alerts that others send: opened once, gone on with, over when they say so or send no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from quality_platform.access import trail
from quality_platform.alerting.episodes.external import PushedAlert, push
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow
from quality_platform_tests.data.alerting import NOON, plan, webhook
from quality_platform_tests.data.story import SOMEBODY, Story

PLAN = plan([], [webhook("all")])
DOWN = PushedAlert(
    project="shop", severity="warning", message="Coverage is low", alert_type="threshold_violation", rule="Coverage",
    metric="code_coverage", value=65.0, threshold=70.0, labels={"team": "core"}, starts_at=NOON - timedelta(minutes=1),
)  # fmt: skip


def pushed(story: Story, *alerts: PushedAlert) -> list[AlertRow]:
    story.wait(seconds=1)
    return push(story.state, story.plan, alerts, story.now, SOMEBODY)


def test_the_same_alert_again_is_the_same_episode(state: State) -> None:
    story = Story(state, PLAN)
    first, again = (pushed(story, DOWN)[0] for _ in range(2))
    assert (first.id, story.events(), story.sent()) == (again.id, ["fired"], [("all", "firing")])
    alert = story.alert()
    assert (alert.message, alert.value, alert.threshold, alert.origin) == ("Coverage is low", 65.0, 70.0, "api")
    assert alert.breached_at == NOON - timedelta(minutes=1)
    assert trail.changes(state)[0].action == "alert.fired"


def test_it_is_over_when_it_says_so(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    pushed(story, DOWN)
    pushed(story, replace(DOWN, ends_at=story.now))
    assert (story.events(), story.sent()) == (["fired", "resolved"], [("all", "firing"), ("all", "resolved")])
    assert pushed(story, replace(DOWN, ends_at=NOON)) == []


def test_it_is_over_when_nobody_sends_it_any_more(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    pushed(story, replace(DOWN, ends_at=story.now + timedelta(minutes=5)))
    story.tick(minutes=3)
    pushed(story, replace(DOWN, ends_at=story.now + timedelta(minutes=5)))
    story.tick(minutes=3)
    assert story.alert().status == "active"
    story.tick(minutes=3)
    assert (story.alert().status, story.alert().reason) == ("resolved", "ended")


def test_other_labels_are_another_alert_and_another_severity_is_not(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    pushed(story, DOWN, replace(DOWN, labels={"team": "web"}))
    assert story.events() == ["fired", "fired"]
    pushed(story, replace(DOWN, severity="critical"))
    assert story.events()[2:] == ["severity_changed"]
