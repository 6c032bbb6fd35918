"""What each transition does to an episode, its events and whom it tells: by table, then the odd cases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quality_platform.alerting.conditions.judgement import Judgement, settled
from quality_platform.alerting.episodes import lifecycle
from quality_platform.alerting.episodes.acknowledge import acknowledge
from quality_platform.alerting.episodes.changes import Changes
from quality_platform.alerting.notices.background import NOTHING
from quality_platform.alerting.plan import Plan
from quality_platform.errors import UsageError
from quality_platform.model.alerts import Evidence, Level, RuleState, Series, Transition
from quality_platform.state import alerts
from quality_platform.state.database import State
from quality_platform.state.models import OutboxRow
from quality_platform.state.rule_states import NEW
from quality_platform_tests.data.alerting import CPU, NOON, events, plan, webhook

SERIES = Series(CPU, "shop", "host")
CHANNELS = (webhook("all"), webhook("pager", severity_levels=["critical"]))


def step(before: Level, to: Level, value: float = 91.0) -> Transition:
    return Transition(before, to, Evidence(value, 90.0, NOON, "batch-1", f"{value:g}% is above 90%."))


class Story:
    """Plays transitions of one rule on one series, one evaluation after the other."""

    def __init__(self, state: State, used: Plan | None = None) -> None:
        self.state, self.plan, self.level, self.count = state, used or plan([], CHANNELS), NEW, 0

    def play(self, *levels: Level) -> Changes:
        self.count += 1
        transitions, at = [], self.level.level
        for level in levels:
            transitions.append(step(at, level))
            at = level
        after = RuleState(at, evaluated_to=NOON + timedelta(minutes=self.count))
        judged = Judgement("busy", "threshold_violation", SERIES, self.level, after, tuple(transitions))
        with self.state.write(serial="alerts") as session:
            changes = Changes(session, self.plan, NOTHING, NOON + timedelta(minutes=self.count))
            assert lifecycle.record(changes, [judged]) == 0
        self.level = after
        return changes

    def events(self) -> list[tuple[str, str]]:
        return [(row.kind, row.severity) for row in events(self.state)]

    def sent(self) -> list[tuple[str, str]]:
        with self.state.read() as session:
            return [(row.channel, row.kind) for row in session.query(OutboxRow).order_by(OutboxRow.position)]


@pytest.mark.parametrize(
    ("levels", "expected", "sent"),
    [
        (["warning"], [("fired", "warning")], [("all", "firing")]),
        (["critical"], [("fired", "critical")], [("all", "firing"), ("pager", "firing")]),
        (
            ["warning", "critical"],
            [("fired", "warning"), ("severity_changed", "critical")],
            [("all", "firing"), ("all", "firing"), ("pager", "firing")],
        ),
        (
            ["critical", "warning", "ok"],
            [("fired", "critical"), ("severity_changed", "warning"), ("resolved", "warning")],
            [(channel, kind) for kind in ("firing", "firing", "resolved") for channel in ("all", "pager")],
        ),
        (
            ["warning", "ok", "warning"],
            [("fired", "warning"), ("resolved", "warning"), ("fired", "warning")],
            [("all", "firing"), ("all", "resolved"), ("all", "firing")],
        ),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_every_transition_has_its_event_and_its_messages(
    state: State, levels: list[Level], expected: list[tuple[str, str]], sent: list[tuple[str, str]], at_once: bool
) -> None:
    story = Story(state)
    if at_once:
        story.play(*levels)
    else:
        for level in levels:
            story.play(level)
    assert story.events() == expected
    assert story.sent() == sent


def test_an_episode_is_as_its_last_event_left_it(state: State) -> None:
    story = Story(state)
    story.play("warning")
    story.play("critical")
    story.play("ok")
    with state.read() as session:
        (episode,) = alerts.newest(session)
    assert (episode.status, episode.severity, episode.reason, episode.rule) == (
        "resolved",
        "critical",
        "recovered",
        "busy",
    )
    assert episode.message == "CPU use of host in shop: 91% is above 90%."
    assert (episode.opened_at, episode.resolved_at) == (NOON + timedelta(minutes=1), NOON + timedelta(minutes=3))


def test_a_second_episode_is_another_alert_of_the_same_fingerprint(state: State) -> None:
    story = Story(state)
    story.play("warning", "ok", "warning")
    with state.read() as session:
        rows = alerts.newest(session)
    assert len({row.id for row in rows}) == 2
    assert len({row.fingerprint for row in rows}) == 1


def test_an_end_without_a_beginning_says_nothing(state: State) -> None:
    story = Story(state)
    story.level = NEW
    changes = story.play("ok")
    assert (story.events(), story.sent(), changes.count("resolved")) == ([], [], 0)


def test_a_resolved_message_goes_where_the_firing_went_whatever_the_routes_say_now(state: State) -> None:
    story = Story(state)
    story.play("critical")
    story.plan = plan([], [webhook("all", severity_levels=["info"]), CHANNELS[1], webhook("late")])
    story.play("ok")
    assert story.sent() == [("all", "firing"), ("pager", "firing"), ("all", "resolved"), ("pager", "resolved")]


def test_what_was_overtaken_writes_nothing(state: State) -> None:
    story = Story(state)
    story.play("warning")
    stale = Judgement("busy", "threshold_violation", SERIES, NEW, story.level, (step("ok", "warning"),))
    with state.write(serial="alerts") as session:
        changes = Changes(session, story.plan, NOTHING, NOON)
        assert lifecycle.record(changes, [stale]) == 1
    assert story.events() == [("fired", "warning")]


def test_a_first_evaluation_tells_what_is_true_at_its_end() -> None:
    assert settled(()) == ()
    assert settled((step("ok", "warning"), step("warning", "ok"))) == ()
    assert settled((step("ok", "warning"), step("warning", "critical"))) == (step("ok", "critical"),)


def test_acknowledging_is_noted_once_and_voided_by_a_rise(state: State) -> None:
    story = Story(state)
    story.play("warning")
    with state.read() as session:
        (episode,) = alerts.newest(session, statuses=["active"])
    for _ in range(2):
        assert acknowledge(state, episode.id, NOON).status == "acknowledged"
    assert story.events() == [("fired", "warning"), ("acknowledged", "warning")]
    story.play("critical")
    with state.read() as session:
        assert [row.status for row in alerts.newest(session)] == ["active"]


def test_a_fall_keeps_the_acknowledgement(state: State) -> None:
    story = Story(state)
    story.play("critical")
    with state.read() as session:
        (episode,) = alerts.newest(session)
    acknowledge(state, episode.id, NOON)
    story.play("warning")
    with state.read() as session:
        assert [row.status for row in alerts.newest(session)] == ["acknowledged"]


def test_only_an_open_alert_can_be_acknowledged(state: State) -> None:
    story = Story(state)
    story.play("warning", "ok")
    with state.read() as session:
        (episode,) = alerts.newest(session)
    with pytest.raises(UsageError, match="over already"):
        acknowledge(state, episode.id, NOON)
    with pytest.raises(UsageError, match="no alert"):
        acknowledge(state, "nonsense", NOON)
