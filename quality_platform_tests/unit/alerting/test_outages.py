"""A source that is down is one message: what depends on it waits, what has come since is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from quality_platform.alerting.plan import Plan
from quality_platform.model.alerts import Series
from quality_platform.model.rules import AbsenceRule, HeartbeatRule, ThresholdRule
from quality_platform.state.database import State
from quality_platform_tests.data.alerting import COVERAGE, CPU, NOON, plan, webhook
from quality_platform_tests.data.story import Story

MEMORY = "system.memory_percent"
BEAT = Series(CPU, "shop", "host")


def rules() -> Plan:
    return plan(
        [
            AbsenceRule(name="gone", metric_name=CPU, stale_after=timedelta(minutes=5)),
            HeartbeatRule(name="beat", metric_name=CPU, every=timedelta(minutes=5)),
            *(
                ThresholdRule(name=name, metric_name=metric, operator="above", warning_threshold=90)
                for name, metric in (("full", MEMORY), ("low", COVERAGE))
            ),
        ],
        [webhook("all")],
    )


def outage(state: State, kind: str = "absence") -> tuple[Story, Story]:
    """The outage's story, told already, and that of an alert on memory, which is judged by values from before it."""
    used = rules()
    gone = Story(state, used, rule="gone" if kind == "absence" else "beat", kind=kind)  # type: ignore[arg-type]
    gone.play("warning", series=[BEAT])
    return gone, Story(state, used, rule="full", now=gone.now)


@pytest.mark.parametrize("kind", ["absence", "heartbeat"])
def test_what_went_silent_with_it_waits_and_is_told_when_it_goes_on_after_it(state: State, kind: str) -> None:
    gone, full = outage(state, kind)
    full.play("warning", series=[replace(BEAT, metric=MEMORY)])
    assert full.titles() == gone.titles()
    assert len(gone.sent()) == 1
    gone.wait(seconds=5)
    gone.play("ok", series=[BEAT])
    gone.tick(seconds=4)
    assert [news for _, news in gone.sent()] == ["firing", "resolved"]
    gone.tick(seconds=2)
    assert [news for _, news in gone.sent()] == ["firing", "resolved", "firing"]


def test_what_ends_with_the_outage_is_told_to_nobody(state_on_sqlite: State) -> None:
    gone, full = outage(state_on_sqlite)
    full.play("warning", series=[replace(BEAT, metric=MEMORY)])
    gone.wait(seconds=5)
    gone.play("ok", series=[BEAT])
    full.now = gone.now
    full.play("ok", series=[replace(BEAT, metric=MEMORY)])
    full.tick(minutes=1)
    assert [news for _, news in full.sent()] == ["firing", "resolved"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Series(MEMORY, "shop", "another host"), id="subject"),
        pytest.param(Series(MEMORY, "bank", "host"), id="project"),
        pytest.param(Series(COVERAGE, "shop", "host"), id="source"),
    ],
)
def test_what_comes_from_elsewhere_is_told(state_on_sqlite: State, other: Series) -> None:
    _, full = outage(state_on_sqlite)
    full.play("warning", series=[other])
    assert len(full.sent()) == 2


def test_what_has_been_observed_since_is_told(state_on_sqlite: State) -> None:
    used = rules()
    gone = Story(state_on_sqlite, used, rule="gone", kind="absence", now=NOON - timedelta(minutes=30))
    gone.play("warning", series=[BEAT])
    full = Story(state_on_sqlite, used, rule="full")
    full.play("warning", series=[replace(BEAT, metric=MEMORY)])  # judged by a value of noon
    assert len(full.sent()) == 2


def test_one_outage_does_not_hold_back_another(state_on_sqlite: State) -> None:
    gone, _ = outage(state_on_sqlite)
    beat = Story(state_on_sqlite, gone.plan, rule="beat", kind="heartbeat", now=gone.now)
    beat.play("critical", series=[BEAT])
    assert len(beat.sent()) == 2
