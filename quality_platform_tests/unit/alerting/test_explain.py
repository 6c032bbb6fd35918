"""Why a channel was or wasn't told: each thing that may decide, made to decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from quality_platform.alerting.episodes import actions, silences
from quality_platform.alerting.explain import explain
from quality_platform.alerting.facts import Step
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing.matchers import parsed_all
from quality_platform.errors import NotFoundError
from quality_platform.model.configuration import QualityConfig
from quality_platform.state.database import State
from quality_platform.state.models import ChannelHealthRow, OutboxRow
from quality_platform_tests.data.alerting import CPU, plan, webhook
from quality_platform_tests.data.story import SOMEBODY, Story

RULE = {"metric_name": CPU, "name": "busy", "warning_threshold": 80, "critical_threshold": 95}
PLAN = plan([], (webhook("all"), webhook("pager", severity_levels=["critical"])))


def config(**sections: Any) -> Plan:
    channels = [each.model_dump() for each in (webhook("all"), webhook("pager", severity_levels=["critical"]))]
    return Plan.of(QualityConfig.model_validate({"rules": [RULE], "channels": channels, **sections}))


def told(story: Story, channel: str | None = "all") -> dict[str, Step]:
    steps = explain(story.state, story.plan, story.alert().id, channel, story.now)
    assert {step.channel for step in steps} == {channel} or channel is None
    return {step.what: step for step in steps}


def test_what_was_sent_waits_to_be_delivered(state: State) -> None:
    story = Story(state, config())
    story.play("warning")
    steps = told(story)

    assert (steps["rule"].verdict, steps["route"].verdict, steps["delivery"].verdict) == ("passes", "passes", "waits")
    assert "busy" in steps["rule"].because
    assert steps["outcome"].verdict == "waits"
    with state.write() as session:
        row = session.query(OutboxRow).one()
        row.state, row.delivered_at = "delivered", story.now
    assert told(story)["outcome"].verdict == "told"


def test_a_filter_that_does_not_let_pass_is_named(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    story.play("warning")
    steps = told(story, "pager")

    assert steps["route"].verdict == "stops"
    assert 'severity=~"critical"' in steps["route"].because
    assert steps["outcome"].verdict == "stops"


def test_every_channel_that_has_to_do_with_it_is_explained(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    story.play("critical")
    steps = explain(state_on_sqlite, PLAN, story.alert().id, None, story.now)

    assert [step.channel for step in steps if step.what == "outcome"] == ["all", "pager"]


def test_what_there_is_not_is_not_explained(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    story.play("warning")
    with pytest.raises(NotFoundError):
        explain(state_on_sqlite, PLAN, "nothing", None, story.now)
    with pytest.raises(NotFoundError):
        explain(state_on_sqlite, PLAN, story.alert().id, "nobody", story.now)


def silence(story: Story) -> None:
    wanted = silences.NewSilence(
        parsed_all(["project=shop"]), story.now, story.now + timedelta(hours=1), "moving the database"
    )
    silences.create(story.state, story.plan, wanted, "ann", story.now)


def test_a_silence_holds_back_and_says_why(state: State) -> None:
    story = Story(state, config())
    silence(story)
    story.play("warning")
    steps = told(story)

    assert steps["silence"].verdict == "holds"
    assert "moving the database (ann" in steps["silence"].because
    assert (steps["outcome"].verdict, "silence" in steps["outcome"].because) == ("holds", True)
    story.play("ok")
    assert told(story)["silence"].verdict == "passes"


def test_a_snooze_holds_back(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, config())
    story.play("warning")
    actions.snooze(state_on_sqlite, story.plan, story.alert().id, SOMEBODY, story.now,
                   until=story.now + timedelta(hours=1))  # fmt: skip
    assert told(story)["snooze"].verdict == "holds"


def test_an_acknowledgement_stops_repeats(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, config())
    story.play("warning")
    assert told(story)["repeat"].verdict == "waits"
    actions.acknowledge(state_on_sqlite, story.plan, story.alert().id, SOMEBODY, story.now)
    steps = told(story)
    assert (steps["repeat"].verdict, "acknowledged" in steps["repeat"].because) == ("stops", True)


def test_flapping_holds_back(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, config())
    for level in ("warning", "ok") * 3:
        story.play(level)  # type: ignore[arg-type]
    steps = told(story)
    assert steps["flapping"].verdict == "holds"


def test_another_alert_inhibits(state_on_sqlite: State) -> None:
    inhibitions = [{"source_matchers": ["rule=down"], "target_matchers": ["rule=busy"], "equal": ["project"]}]
    used = config(inhibitions=inhibitions)
    Story(state_on_sqlite, used, rule="down").play("critical")
    story = Story(state_on_sqlite, used)
    story.wait(seconds=5)
    story.play("warning")
    steps = {step.what: step for step in explain(state_on_sqlite, used, story.alert().id, "all", story.now)}
    assert steps["inhibition"].verdict == "holds"
    assert "down" in steps["inhibition"].because


def test_a_window_mutes_a_route(state_on_sqlite: State) -> None:
    always = [{"name": "always", "time_intervals": [{"times": [{"start_time": "00:00", "end_time": "24:00"}]}]}]
    routing = {"receiver": "all", "routes": [{"matchers": ["project=shop"], "mute_time_intervals": ["always"]}]}
    story = Story(state_on_sqlite, config(mute_windows=always, routing=routing))
    story.play("warning")
    steps = told(story)
    assert (steps["mute window"].verdict, steps["outcome"].verdict) == ("holds", "holds")


@pytest.mark.parametrize(("health", "verdict"), [("healthy", "passes"), ("unhealthy", "waits"), ("disabled", "stops")])
def test_a_circuit_says_how_the_channel_answers(state_on_sqlite: State, health: str, verdict: str) -> None:
    story = Story(state_on_sqlite, config())
    story.play("warning")
    with state_on_sqlite.write() as session:
        session.add(ChannelHealthRow(channel="all", state=health, since=story.now, failures=3, last_error="refused"))
    assert told(story)["circuit"].verdict == verdict


def test_a_message_that_was_given_up_is_the_outcome(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, config())
    story.play("warning")
    with state_on_sqlite.write() as session:
        row = session.query(OutboxRow).one()
        row.state, row.attempts, row.last_error = "dead", 9, "410 Gone"
    steps = told(story)
    assert (steps["delivery"].verdict, steps["outcome"].verdict) == ("stops", "stops")
    assert "410 Gone" in steps["outcome"].because
