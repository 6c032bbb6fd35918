"""What rules would have done to the past: predicted as it happens live, counted, and made quieter."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quality_platform.alerting import deadlines
from quality_platform.alerting.backtest import Prediction, Window, backtest
from quality_platform.alerting.episodes.flapping import Damping
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.replaying import episodes
from quality_platform.alerting.replaying.figures import figures, is_night
from quality_platform.alerting.replaying.messages import Message, Messages
from quality_platform.alerting.replaying.variants import variants
from quality_platform.model.alerts import Level
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.rules import HeartbeatRule, RuleConfig, ThresholdRule
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.state.engine import state_file
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import CPU, NOON, minutes, plan, plant, webhook
from quality_platform_tests.data.story import SERIES, Story, step

RULE = ThresholdRule(metric_name=CPU, name="busy", warning_threshold=80, critical_threshold=95)
CHANNELS = (webhook("all"), webhook("pager", severity_levels=["critical"]))


def predicted(*levels: tuple[float, Level], until: float = 600) -> episodes.Story:
    """The episodes of changes at these minutes after noon."""
    before: Level = "ok"
    changes = []
    for minute, level in levels:
        changes.append((NOON + minutes(minute), step(before, level)))
        before = level
    return episodes.Story(SERIES, Damping()).follow(changes, NOON + minutes(until))


@pytest.mark.parametrize(
    ("levels", "alerts", "news"),
    [
        ([], 0, []),
        ([(0, "warning")], 1, ["firing"]),
        ([(0, "warning"), (9, "ok")], 1, ["firing", "resolved"]),
        ([(0, "warning"), (9, "critical"), (20, "warning"), (30, "ok")], 1, ["firing", "firing", "firing", "resolved"]),
        ([(0, "warning"), (9, "ok"), (12, "warning")], 1, ["firing", "resolved", "firing"]),
        ([(0, "warning"), (9, "ok"), (15, "warning")], 2, ["firing", "resolved", "firing"]),
        (
            [(0, "warning"), (1, "ok"), (2, "warning"), (3, "ok"), (4, "warning"), (5, "ok")],
            1, ["firing", "resolved", "firing", "resolved", "firing", "flapping", "resolved"],
        ),
        (
            [(0, "warning"), (1, "ok"), (2, "warning"), (3, "ok"), (4, "warning"), (5, "ok"), (6, "critical")],
            1, ["firing", "resolved", "firing", "resolved", "firing", "flapping", "firing", "settled"],
        ),
    ],
)  # fmt: skip
def test_episodes_are_what_they_would_have_been(
    levels: list[tuple[float, Level]], alerts: int, news: list[str]
) -> None:
    story = predicted(*levels)
    assert (len(story.alerts), [each.kind for each in story.news]) == (alerts, news)


CHANGES = st.tuples(st.sampled_from([20, 60, 240, 400, 700, 3000]), st.sampled_from(["warning", "critical", "ok"]))


@settings(max_examples=30)
@example([(20, "warning"), (20, "ok"), (20, "warning"), (20, "ok"), (20, "critical"), (20, "ok"), (20, "critical")])
@given(st.lists(CHANGES, min_size=1, max_size=15))
def test_prediction_and_life_agree(tmp_path_factory: Any, migrated_file: Any, steps: list[tuple[int, Level]]) -> None:
    """The oracle is the live code, on a state of its own, looked at whenever something is due."""
    home = Settings(home=tmp_path_factory.mktemp("life"))
    home.place(state_file(home).parent)
    shutil.copy(migrated_file, state_file(home))
    with closing(State(home)) as state:
        story = Story(state, plan([RULE], CHANNELS))
        changes: list[episodes.Change] = []
        before: Level = "ok"
        for seconds, level in steps:
            _live(story, timedelta(seconds=seconds))
            if level != before:
                story.play(level)
                changes.append((story.now, step(before, level)))
                before = level
        _live(story, timedelta(hours=1))
        lived = story.events()
    found = episodes.Story(SERIES, Damping()).follow(changes, story.now)

    assert len(found.alerts) == lived.count("fired")
    # what was held back while it flapped is told as firing when it settles, at an instant without a change
    instants = {at for at, _ in changes}
    kinds = ["settled" if each.kind == "firing" and each.at not in instants else each.kind for each in found.news]
    assert [kind for kind in kinds if kind != "firing"] == [
        kind for kind in lived if kind in ("resolved", "flapping", "settled")
    ]


def _live(story: Story, length: timedelta) -> None:
    """Let time pass, and do at its instant whatever is due."""
    until = story.now + length
    while (due := deadlines.next_deadline(story.state)) is not None and due <= until:
        story.now = max(due, story.now)
        story.tick(seconds=0)
    story.now = until


def sent(*levels: tuple[float, Level], until: float = 600, used: Plan | None = None) -> list[Message]:
    story = predicted(*levels, until=until)
    return Messages(used or plan([RULE], CHANNELS), "busy", RULE).follow(story.news, NOON + minutes(until)).sent


@pytest.mark.parametrize(
    ("levels", "until", "expected"),
    [
        ([(0, "warning")], 10, ["all"]),
        ([(0, "warning"), (5, "ok")], 10, ["all", "all"]),
        ([(0, "critical")], 10, ["all", "pager"]),
        # a warning is told again after four hours, a critical one every hour
        ([(0, "warning")], 241, ["all", "all"]),
        ([(0, "critical")], 61, ["all", "pager", "all", "pager"]),
        ([(0, "warning"), (5, "critical"), (10, "ok")], 20, ["all", "all", "pager", "all", "pager"]),
    ],
)
def test_messages_are_what_they_would_have_been(
    levels: list[tuple[float, Level]], until: float, expected: list[str]
) -> None:
    assert [each.channel for each in sent(*levels, until=until)] == expected


def test_who_wants_no_end_is_told_none() -> None:
    used = plan([RULE], (webhook("all", send_resolved=False),))
    assert len(sent((0, "warning"), (5, "ok"), used=used)) == 1


def test_figures_of_nothing_and_of_little() -> None:
    window = {"since": NOON, "until": NOON + timedelta(days=1), "zone": UTC}
    assert figures([], [], series=3, **window).verdict == "silent"  # type: ignore[arg-type]
    story = predicted((0, "warning"), (60, "ok"), (720, "critical"), (722, "ok"), until=1440)
    found = figures(story.alerts, sent((0, "warning"), (60, "ok")), series=1, **window)  # type: ignore[arg-type]

    assert (found.alerts, found.by_severity, found.sent) == (2, {"warning": 1, "critical": 1}, 2)
    assert (found.shortest, found.longest, found.median) == (minutes(2), minutes(60), minutes(31))
    assert found.firing_share == pytest.approx(62 / 1440, abs=1e-6)
    assert (found.night_share, found.short, found.verdict) == (0.5, 1, "quiet")


@pytest.mark.parametrize(("hour", "night"), [(0, True), (6, True), (7, False), (12, False), (21, False), (22, True)])
def test_nights(hour: int, night: bool) -> None:
    assert is_night(datetime(2026, 3, 2, hour, 30, tzinfo=UTC), UTC) is night


def test_variants_are_rules_that_hold() -> None:
    found = {each.setting: each.rule for each in variants(RULE, {0.05: 10.0, 0.95: 60.0, 0.99: 90.0, 0.999: 99.0})}

    assert "for: 5m" in found
    assert found["warning_threshold: 90"].warning_threshold == 90  # type: ignore[union-attr]
    # beyond the critical one it would contradict itself
    assert "warning_threshold: 99" not in found
    assert found["warning_clear: 75, critical_clear: 90"].side == "above"  # type: ignore[union-attr]


def month(lake: Lake, project: str, values: list[float], **more: Any) -> Window:
    """One value a minute from noon on."""
    plant(lake, project, [(NOON + minutes(at), value) for at, value in enumerate(values)], **more)
    return Window(NOON, NOON + minutes(len(values)))


def run(lake: Lake, window: Window, rule: RuleConfig) -> Prediction:
    (found,) = backtest(lake, Plan.of(QualityConfig(rules=(rule,))), {rule.key: rule}, window)
    return found


def test_a_noisy_rule_learns_what_would_help(observed_lake: Lake) -> None:
    """Forty spikes of a minute, three of twenty."""
    values = [50.0] * 3000
    for place in range(40):
        values[place * 60 + 7] = 90.0
    for place in range(3):
        values[2400 + place * 100 : 2420 + place * 100] = [90.0] * 20
    window = month(observed_lake, "backtest-noisy", values)
    rule = RULE.model_copy(update={"project_id": "backtest-noisy"})
    found = run(observed_lake, window, rule)

    assert (found.figures.alerts, found.figures.series, found.figures.verdict) == (43, 1, "noisy")
    assert found.figures.short == 40
    assert "with `for: 1m` 3 instead of 43 alerts" in [str(each) for each in found.suggestions]
    ((series, count, line),) = found.drawn
    assert (series.project, count, len(line.text), any(line.firing)) == ("backtest-noisy", 43, 48, True)


def test_a_quiet_rule_and_a_silent_one(observed_lake: Lake) -> None:
    window = month(observed_lake, "backtest-quiet", [50.0] * 100 + [90.0] * 30 + [50.0] * 1400)
    one = run(observed_lake, window, RULE.model_copy(update={"project_id": "backtest-quiet"}))
    none = run(observed_lake, window, RULE.model_copy(update={"project_id": "backtest-nowhere"}))

    assert (one.figures.alerts, one.figures.verdict, one.suggestions) == (1, "quiet", ())
    assert one.figures.median == minutes(30)
    assert (none.figures.series, none.figures.verdict) == (0, "silent")


def test_a_heartbeat_that_stopped(observed_lake: Lake) -> None:
    points = [(NOON + minutes(at), 1.0) for at in (*range(60), *range(100, 160))]
    plant(observed_lake, "backtest-heart", points, metric="backtest.heart")
    rule = HeartbeatRule(metric_name="backtest.heart", project_id="backtest-heart", every=minutes(1), grace=minutes(4))
    found = run(observed_lake, Window(NOON, NOON + minutes(300)), rule)

    assert (found.figures.alerts, found.figures.by_severity) == (2, {"critical": 2})
    assert found.figures.shortest is not None
    assert minutes(36) >= found.figures.shortest > minutes(35)


def test_an_empty_lake_has_no_past(tmp_path: Any) -> None:
    lake = Lake(Settings(home=tmp_path / "home"))
    lake.set_up()
    found = run(lake, Window(NOON, NOON + minutes(10)), RULE)
    lake.close()
    assert (found.observations, found.figures.verdict) == (0, "silent")
