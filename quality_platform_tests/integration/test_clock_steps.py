"""Whole processes whose clock is set by an hour: each that judges or tells notices by itself, and so does one that starts.

Belongs here: the live evaluation, the announcer and Dagster's sensors, each alone. Does not belong here: what follows for
what is stored (`unit/alerting/test_unwinding.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml

from quality_platform.alerting.conditions.arrivals import chosen
from quality_platform.alerting.notices.groups import FREE
from quality_platform.alerting.plans import PlanSource
from quality_platform.api.live import announcer as announcer_module
from quality_platform.api.live import judging as judging_module
from quality_platform.api.live.announcer import Announcer
from quality_platform.api.live.judging import Judging
from quality_platform.cli.home import prepare
from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.defs import alerts as alerts_module
from quality_platform.defs.platform import Platform
from quality_platform.model.alerts import Series
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import CPU, events, minutes, plan, webhook
from quality_platform_tests.data.arriving import arrive
from quality_platform_tests.data.story import Story

HOUR = timedelta(hours=1)
RULES = [
    {"name": "busy", "metric_name": "cpu", "warning_threshold": 80, "critical_threshold": 90},
    {"name": "gone", "type": "absence", "metric_name": "cpu", "stale_after": "PT5M"},
]


class WallClock:
    """The wall clock as a module sees it, which the test sets."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def shown_to(self, module: object, monkeypatch: pytest.MonkeyPatch) -> None:
        wall = self

        class Shown(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:
                return wall.now()

        monkeypatch.setattr(module, "datetime", Shown)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    config = tmp_path / "quality.yaml"
    hook = {"name": "hook", "channel_type": "webhook", "configuration": {"url": "http://127.0.0.1:9/"}}
    config.write_text(yaml.safe_dump({"rules": RULES, "channels": [hook]}))
    found = Settings(home=tmp_path / "home", config=config)
    prepare(found)
    return found


@pytest.fixture
def lake(settings: Settings) -> Iterator[Lake]:
    with closing(Lake(settings)) as found:
        with found.writing("marts", "test") as connection:
            connection.execute(
                "CREATE TABLE marts.fct_observations (metric VARCHAR, project VARCHAR, subject VARCHAR, "
                "labels VARCHAR, observed_at TIMESTAMPTZ, value DOUBLE, batch_id VARCHAR)"
            )
        yield found


def told(settings: Settings) -> list[tuple[str, str]]:
    with closing(State(settings)) as state:
        return [(each.rule, each.kind) for each in events(state)]


# --- the live evaluation ---------------------------------------------------------------------------------------------


class Evaluating:
    """The live evaluation without its thread."""

    def __init__(self, settings: Settings, lake: Lake, wall: WallClock) -> None:
        self.lake, self.wall = lake, wall
        self.judging = Judging(settings, lake, WatchedConfiguration(settings))
        self.judging.turn([], missed=False, last=False)

    def come(self, value: float) -> None:
        batch = arrive(self.lake, "shop", [("a", self.wall.now(), value)])
        found = chosen([batch], self.judging.metrics)
        assert found is not None
        self.judging.turn([found], missed=False, last=False)

    def look(self) -> None:
        self.judging.turn([], missed=False, last=False)

    def close(self) -> None:
        self.judging.turn([], missed=False, last=True)
        self.judging.close()


@pytest.fixture
def evaluating(settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Callable[[WallClock], Evaluating]:
    def begin(wall: WallClock) -> Evaluating:
        wall.shown_to(judging_module, monkeypatch)
        return Evaluating(settings, lake, wall)

    return begin


@pytest.mark.parametrize("restarts", [False, True], ids=["running", "started after it"])
def test_the_live_evaluation_judges_what_comes_after_its_clock_was_set_back(
    settings: Settings, evaluating: Callable[[WallClock], Evaluating], restarts: bool
) -> None:
    wall = WallClock()
    live = evaluating(wall)
    live.come(10.0)
    wall.ahead = HOUR
    live.come(10.0)
    if restarts:
        live.close()
    else:
        live.judging._live.save(wall.now())
    wall.ahead = timedelta(0)
    if restarts:
        live = evaluating(wall)
    live.come(95.0)
    live.come(10.0)
    live.close()
    assert told(settings) == [("busy", "fired"), ("busy", "resolved")]


def test_the_live_evaluation_takes_no_skipped_hour_for_silence(
    settings: Settings, evaluating: Callable[[WallClock], Evaluating]
) -> None:
    wall = WallClock()
    live = evaluating(wall)
    live.come(10.0)
    wall.ahead = HOUR
    live.look()
    assert told(settings) == []
    live.come(95.0)
    live.close()
    assert told(settings) == [("busy", "fired")]


# --- the announcer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("restarts", [False, True], ids=["running", "started after it"])
def test_the_announcer_tells_what_waited_for_an_hour_that_comes_again(
    state_on_sqlite: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, restarts: bool
) -> None:
    wall, settings = WallClock(), Settings(home=tmp_path / "home")
    wall.shown_to(announcer_module, monkeypatch)
    plans = PlanSource(settings, state_on_sqlite, WatchedConfiguration(settings))
    looking = Announcer(settings, state_on_sqlite, plans, lambda: None)
    looking._look()
    wall.ahead = HOUR
    looking._look()
    story = Story(state_on_sqlite, plan([], [webhook("all")]), now=wall.now())
    for host in range(FREE + 1):
        story.play("critical", series=[Series(CPU, "shop", f"host-{host}")])
    before = len(story.sent())
    story.wait(seconds=-0.9)
    story.play("critical", series=[Series(CPU, "shop", "last")])
    assert len(story.sent()) == before
    wall.ahead = timedelta(0)
    if restarts:
        looking = Announcer(settings, state_on_sqlite, plans, lambda: None)
    looking._look()
    assert len(story.sent()) == before + 1


# --- Dagster's sensors alone -----------------------------------------------------------------------------------------


class Daemon:
    """The sensor over thresholds as the daemon calls it, without the live service."""

    def __init__(self, settings: Settings) -> None:
        self.platform, self.cursor = Platform(settings), None

    def tick(self) -> None:
        with (
            dg.DagsterInstance.ephemeral() as instance,
            dg.build_sensor_context(instance=instance, cursor=self.cursor) as context,
        ):
            found = alerts_module.threshold_alerts(context, platform=self.platform)
        assert isinstance(found, dg.SensorResult)
        self.cursor = found.cursor

    def close(self) -> None:
        self.platform.lake.close()
        self.platform.state.close()


@pytest.fixture
def daemon(settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Daemon, WallClock]]:
    wall = WallClock()
    wall.shown_to(alerts_module, monkeypatch)
    with closing(Daemon(settings)) as found:
        yield found, wall


def observed(lake: Lake, wall: WallClock, value: float) -> None:
    """A sample in the table of the sensors and in that of the clock."""
    arrive(lake, "shop", [("a", wall.now(), value)], in_mart=True)


def test_the_sensor_alone_judges_and_tells_after_its_clock_was_set_back(
    settings: Settings, lake: Lake, daemon: tuple[Daemon, WallClock]
) -> None:
    sensor, wall = daemon
    observed(lake, wall, 10.0)
    sensor.tick()
    wall.ahead = HOUR
    observed(lake, wall, 10.0)
    sensor.tick()
    wall.ahead = timedelta(0)
    observed(lake, wall, 95.0)
    sensor.tick()
    assert told(settings)[-1] == ("busy", "fired")
    observed(lake, wall, 10.0)
    sensor.tick()
    assert told(settings)[-1] == ("busy", "resolved")


def test_the_sensor_alone_notices_silence_in_its_time_though_the_clock_was_set_back(
    settings: Settings, lake: Lake, daemon: tuple[Daemon, WallClock]
) -> None:
    sensor, wall = daemon
    observed(lake, wall, 10.0)
    wall.ahead = HOUR
    observed(lake, wall, 10.0)
    sensor.tick()
    wall.ahead = minutes(1)
    sensor.tick()
    assert told(settings) == []
    wall.ahead = minutes(7)
    sensor.tick()
    assert told(settings) == [("gone", "fired")]


def test_a_cursor_of_the_version_before_is_read(settings: Settings, daemon: tuple[Daemon, WallClock]) -> None:
    sensor, _ = daemon
    for cursor in (None, json.dumps({"seen": "x", "sequence": 0}), json.dumps({"unknown": 1})):
        sensor.cursor = cursor
        sensor.tick()
        assert json.loads(sensor.cursor or "")["looked_at"]
