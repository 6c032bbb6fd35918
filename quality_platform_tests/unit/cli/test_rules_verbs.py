"""Rules, alerts, silences and channels on the command line: what is said, in JSON too, and the exit codes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Tree

import pytest

from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.state.engine import state_file
from quality_platform.state.models import OutboxRow
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data import verbs
from quality_platform_tests.data.alerting import plan, plant
from quality_platform_tests.data.story import Story

RULES = """
rules:
  - {metric_name: cpu, name: hot, operator: above, warning_threshold: 80, for: 2m}
"""
ODD = """rules:
  - metric_name: nothing.like_it
    warning_threshold: 1
    operator: above
    escalation_policy: nope
routing:
  receiver: team
  routes:
    - receiver: gone
    - matchers: [severity=critical]
      mute_windows: [weekend]
channels:
  - {name: team, channel_type: console}
  - {name: lonely, channel_type: console}
"""
TESTS = """
tests:
  - name: right
    rules: [hot]
    input: [{series: {metric: cpu}, values: "70x2 85x5"}]
    expect: [{at: 4m, alerts: []}, {at: 5m, alerts: [{rule: hot, severity: warning}]}]
"""
WRONG = (
    TESTS
    + """
  - name: "wrong & loud"
    input: [{series: {metric: cpu}, values: "85x5"}]
    expect: [{at: 2m, alerts: [{rule: hot, severity: critical}]}]
  - name: lost
    rules: [hott]
    input: [{series: {metric: cpu}, values: "85x5"}]
    expect: [{at: 2m, alerts: []}]
"""
)


class Calls:
    """A home of its own, and verbs called in it as a person calls them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.settings = folder, Settings(home=folder / "home")

    def __call__(self, *arguments: str, code: int = 0) -> str:
        done = verbs.verb(self.folder, *arguments, LOGNAME="ann")
        assert done.code == code, done.out + done.err
        assert "Traceback" not in done.err
        return done.out or done.err

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", code=code))

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        return name


@pytest.fixture
def call(tmp_path: Path, migrated_file: Path) -> Calls:
    calls = Calls(tmp_path)
    calls.settings.place(state_file(calls.settings).parent)
    shutil.copy(migrated_file, state_file(calls.settings))
    return calls


@pytest.fixture
def story(call: Calls) -> Iterator[Story]:
    with closing(State(call.settings)) as state:
        story = Story(state, plan([]), now=datetime.now(UTC) - timedelta(minutes=1))
        story.play("warning")
        yield story


def test_what_is_odd_is_said_with_its_line(call: Calls) -> None:
    call.write("quality.yaml", ODD)
    found = call.json("rules", "check")

    assert found["errors"] == []
    assert [(each["line"], each["field"]) for each in found["warnings"]] == [
        (2, "rules[0].metric_name"), (5, "rules[0].escalation_policy"), (14, "channels[1]"), (9, "routing.routes[0]"),
        (9, "routing.routes[0].receiver"), (10, "routing.routes[1]"),
    ]  # fmt: skip
    assert "line 14" in call("rules", "check", "--strict", code=2)


def test_mistakes_end_with_2(call: Calls) -> None:
    call.write("bad.yaml", "rules:\n  - metric_name: cpu\n    colour: red\n")
    assert 3 in [each["line"] for each in call.json("rules", "check", "bad.yaml", code=2)["errors"]]
    assert "init" in call("rules", "check", code=2)


def test_rules_are_tested(call: Calls) -> None:
    call.write("quality.yaml", RULES)
    assert "1 of 1 passed" in call("rules", "test", call.write("t.yaml", TESTS))
    shown = call("rules", "test", call.write("wrong.yaml", WRONG), "--junit", "j.xml", code=1)

    assert "- rule hot, severity critical" in shown
    assert "+ rule hot, severity warning" in shown
    assert "There is hot." in shown
    (suite,) = Tree.parse(call.folder / "j.xml").getroot()
    assert {name: suite.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "3", "failures": "1", "errors": "1",
    }  # fmt: skip
    assert [case.get("name") for case in suite] == ["right", "wrong & loud", "lost"]
    found = call.json("rules", "test", "wrong.yaml", code=1)
    assert [each["passed"] for each in found["wrong.yaml"]] == [True, False, False]


def test_a_file_of_tests_that_is_none_names_its_line(call: Calls) -> None:
    call.write("t.yaml", "tests:\n  - name: a\n    input:\n      - series: {metric: cpu}\n        values: 1y\n")
    said = call("rules", "test", "t.yaml", code=2)
    assert "line 5: tests[0].input[0].values: '1y'" in said


def test_a_backtest_of_the_lake(call: Calls) -> None:
    assert "quality-platform up" in call("rules", "backtest", code=1)
    lake = Lake(call.settings)
    lake.set_up()
    with lake.writing("marts", "test") as connection:
        connection.execute(
            "CREATE TABLE marts.fct_observations (metric VARCHAR, project VARCHAR, subject VARCHAR, labels VARCHAR, "
            "observed_at TIMESTAMPTZ, value DOUBLE, batch_id VARCHAR)"
        )
    first = datetime.now(UTC) - timedelta(days=1)
    plant(lake, "shop", [(first + timedelta(minutes=at), 90.0 if at % 60 < 5 else 50.0) for at in range(600)])
    lake.close()
    call.write("quality.yaml", RULES)
    found = call.json("rules", "backtest", "hot", "--days", "2")

    (rule,) = found["rules"]
    assert (rule["alerts"], rule["verdict"], rule["median_seconds"]) == (10, "noisy", 180.0)
    assert "hot" in call("rules", "backtest")
    other = call.write("other.yaml", RULES.replace("80", "99").replace("hot", "hotter"))
    assert call.json("rules", "backtest", "--rule-file", other)["rules"][0]["verdict"] == "silent"
    assert "There is hot" in call("rules", "backtest", "hott", code=2)


def test_a_decision_is_explained(call: Calls, story: Story) -> None:
    alert = story.alert().id
    steps = call.json("rules", "explain", alert[:13])

    assert steps[0]["what"] == "rule"
    assert steps[-1]["what"] == "outcome"
    assert "console" in call("rules", "explain", alert, "--channel", "console")
    assert call("rules", "explain", alert, "--channel", "nope", code=2)
    assert call("rules", "explain", "ffffffff", code=2)


def test_people_act_on_alerts(call: Calls, story: Story) -> None:
    alert = story.alert().id
    assert alert[:13] in call("alerts")
    assert call.json("alerts", "acknowledge", alert[:13], "--note", "on it", "--until", "2h") == {alert: "done"}
    for verb in (["assign", "--to", "ann"], ["comment", "--text", "hm"], ["snooze", "--until", "1h"], ["snooze", "--end"],
                 ["mark", "--noise"], ["unacknowledge"], ["resolve", "--note", "false alarm"]):  # fmt: skip
        call("alerts", verb[0], alert, *verb[1:])
    history = call.json("alerts", "history", alert)

    kinds = [each["kind"] for each in history["events"]]
    assert kinds == ["fired", "acknowledged", "assigned", "commented", "snoozed", "unsnoozed", "marked",
                     "unacknowledged", "resolved"]  # fmt: skip
    assert {each["actor"] for each in history["events"][1:]} == {"cli ann"}
    assert "over already" in call.json("alerts", "acknowledge", alert, code=1)[alert]
    assert [row["id"] for row in call.json("alerts", "list", "--status", "resolved")] == [alert]


@pytest.mark.parametrize(
    "words",
    [
        ["acknowledge", "ffffffff"],
        ["acknowledge", "f"],
        ["assign", "ffffffff"],
        ["snooze", "ffffffff"],
        ["mark", "ffffffff"],
        ["list", "--status", "loud"],
    ],
)
def test_what_cannot_be_done_ends_with_2(call: Calls, words: list[str]) -> None:
    assert call("alerts", *words, code=2)


def test_silences_are_made_and_ended(call: Calls, story: Story) -> None:
    matching = call.json("silences", "create", "project=shop", "--comment", "moving", "--dry-run")
    made = call.json("silences", "create", "project=shop", "--comment", "moving", "--for", "30m")

    assert (matching["silence"], matching["matching"], made["matching"]) == (None, 1, 1)
    assert made["silence"]["matchers"] == ['project="shop"']
    assert "moving" in call("silences", "list")
    assert call.json("silences", "expire", made["silence"]["id"][:13])[0]["phase"] == "over"
    assert call.json("silences", "list") == []
    assert len(call.json("silences", "list", "--all")) == 1
    assert call("silences", "create", "project=~.*", "--comment", "all", code=2)
    assert call("silences", "create", "project=shop", "--comment", "x", "--for", "long", code=2)
    assert call("silences", "expire", "ffffffff", code=2)


def test_dead_letters_are_replayed_by_range(call: Calls, story: Story) -> None:
    with story.state.write() as session:
        row = session.query(OutboxRow).one()
        row.state, row.last_error = "dead", "refused"
        message = row.message_id

    assert [each["message_id"] for each in call.json("channels", "dead")] == [message]
    assert call.json("channels", "dead", "--until", "2d") == []
    assert call.json("channels", "dead", "--channel", "nobody", "--replay") == []
    assert call.json("channels", "health")[0]["dead"] == 1
    assert call("channels", "dead", "nothing", code=2)
    assert len(call.json("channels", "dead", message, "--replay")) == 1
    assert call.json("channels", "dead") == []
    assert call.json("channels", "health")[0]["waiting"] == 1
