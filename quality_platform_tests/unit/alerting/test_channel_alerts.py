"""A channel that stops answering is told of by the others, and so is its return; it is never told of itself."""

from __future__ import annotations

from quality_platform.alerting.episodes.channel_alerts import RULE, watching
from quality_platform.state.database import State
from quality_platform_tests.data.alerting import NOON, minutes, plan, webhook
from quality_platform_tests.data.story import Story

PLAN = plan([], [webhook("all"), webhook("other")])


def test_the_others_are_told_of_both(state: State) -> None:
    changed = watching(lambda: PLAN)
    for moment, health in enumerate(("unhealthy", "healthy")):
        with state.write() as session:
            changed(session, "all", health, NOON + minutes(moment))
    story = Story(state, PLAN)
    assert story.sent() == [("other", "firing"), ("other", "resolved")]
    assert (story.alert().rule, story.alert().subject, story.alert().status) == (RULE, "all", "resolved")


def test_a_gone_channel_is_critical_and_the_only_one_falls_back_to_the_console(state_on_sqlite: State) -> None:
    alone = plan([], [webhook("all")])
    with state_on_sqlite.write() as session:
        watching(lambda: alone)(session, "all", "disabled", NOON)
    story = Story(state_on_sqlite, alone)
    assert story.sent() == [("console", "firing")]
    assert story.alert().severity == "critical"
