"""What applies of the file, the defaults and what the API stored; and that a broken thing stops nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from quality_platform.alerting import in_force
from quality_platform.alerting.channel_bodies import mask, masked, revealed, unmasked
from quality_platform.alerting.in_force import CHANNEL, RULE, Stored
from quality_platform.alerting.plans import PlanSource
from quality_platform.errors import ConfigurationError, UsageError
from quality_platform.model.channels import SlackChannel
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules.defaults import DEFAULT_RULES
from quality_platform.settings import Settings
from quality_platform.state import stored
from quality_platform.state.database import State
from quality_platform.state.sealing import Seal

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHANNEL_BODY: dict[str, Any] = {
    "name": "team", "channel_type": "slack", "configuration": {"webhook_url": "https://hooks.example/abcdefgh"}
}  # fmt: skip


class File:
    """A configuration that a test changes."""

    def __init__(self, **content: Any) -> None:
        self.current = QualityConfig.model_validate(content)


def rule(**values: Any) -> ThresholdRule:
    return ThresholdRule.model_validate({"metric_name": "m", "warning_threshold": 1, "critical_threshold": 2, **values})


def test_a_stored_rule_takes_the_place_of_its_default_alone() -> None:
    new = rule(metric_name="code_coverage", warning_threshold=60, critical_threshold=40)

    found = list(in_force.rules(QualityConfig(), Stored(rules={new.key: new})))

    assert new in found
    assert {each.key for each in DEFAULT_RULES} - {each.key for each in found} == {"Test coverage low"}


def test_a_stored_rule_of_one_project_leaves_the_default_for_the_others() -> None:
    new = rule(metric_name="code_coverage", warning_threshold=60, critical_threshold=40, project_id="one")

    assert len(list(in_force.rules(QualityConfig(), Stored(rules={new.key: new})))) == len(DEFAULT_RULES) + 1


def test_the_file_wins_over_what_is_stored_under_its_name() -> None:
    config = QualityConfig(rules=(rule(name="a"),))
    other = Stored(rules={"a": rule(name="a", metric_name="x"), "b": rule(name="b")})

    assert [(each.key, each.metric_name) for each in in_force.rules(config, other)] == [("a", "m"), ("b", "m")]


def test_a_plan_is_the_same_until_something_changes(state_on_sqlite: State, tmp_path: Any) -> None:
    file = File()
    plans = PlanSource(Settings(home=tmp_path), state_on_sqlite, file, look_seconds=0)
    first = plans.current

    with state_on_sqlite.write() as session:
        row = stored.add(session, RULE, "a", json.dumps({"metric_name": "m", "warning_threshold": 1, "operator": "above", "name": "a"}), NOW, "me")  # fmt: skip
    second = plans.current
    file.current = QualityConfig.model_validate({})  # equal, though another object
    third = plans.current
    file.current = QualityConfig.model_validate({"channels": [{"name": "c", "channel_type": "console"}]})
    fourth = plans.current
    with state_on_sqlite.write() as session:
        stored.remove(session, stored.find(session, RULE, row.id) or row, NOW)
    fifth = plans.current

    assert "a" not in first.rules
    assert second is third
    assert second.rules["a"].version == 1
    assert "c" in fourth.channels
    assert ("a" in fourth.rules, "a" in fifth.rules) == (True, False)
    assert plans.current is fifth


def test_what_cannot_be_read_stops_nothing_else(state_on_sqlite: State, tmp_path: Any) -> None:
    seal = Seal(Settings(home=tmp_path))
    channel = SlackChannel.model_validate(CHANNEL_BODY)
    with state_on_sqlite.write() as session:
        stored.add(session, RULE, "bad", "{}", NOW, "me")
        stored.add(session, CHANNEL, "team", in_force.sealed(channel, "team", ("enabled",), seal), NOW, "me")
        stored.add(session, CHANNEL, "moved", in_force.sealed(channel, "team", ("enabled",), seal), NOW, "me")

    with state_on_sqlite.read() as session:
        found = in_force.read(stored.listed(session, in_force.KINDS), seal)

    assert found.channels == {"team": channel}
    assert set(found.broken) == {"rule bad", "channel moved"}


def test_a_file_that_cannot_be_used_leaves_the_plan_before(state_on_sqlite: State, tmp_path: Any) -> None:
    file = File()
    plans = PlanSource(Settings(home=tmp_path), state_on_sqlite, file, look_seconds=0)
    before = plans.current
    twice = QualityConfig(rules=(rule(name="a"), rule(name="a")))
    file.current = twice

    assert plans.current is before
    with pytest.raises(ConfigurationError):
        _ = PlanSource(Settings(home=tmp_path), state_on_sqlite, file, look_seconds=0).current


def test_secrets_are_masked_and_come_back() -> None:
    channel = SlackChannel.model_validate({**CHANNEL_BODY, "signing_secret": "env:NAME"})
    shown = masked(channel)

    assert shown["configuration"]["webhook_url"] == "****efgh"
    assert shown["signing_secret"] == "env:NAME"
    assert revealed(channel)["configuration"] == CHANNEL_BODY["configuration"]
    assert SlackChannel.model_validate(unmasked(shown, channel)) == channel
    with pytest.raises(UsageError, match=r"configuration\.webhook_url"):
        unmasked(shown, None)
    with pytest.raises(UsageError):
        unmasked({**shown, "configuration": {"webhook_url": "****zzzz"}}, channel)


@pytest.mark.parametrize(("secret", "shown"), [("", "****"), ("12345678901", "****"), ("123456789012", "****9012")])
def test_a_short_secret_shows_nothing(secret: str, shown: str) -> None:
    assert mask(secret) == shown
