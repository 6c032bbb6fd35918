"""The shape of channels: the examples as they stand, mistakes named by their field, secrets that do not show."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from quality_platform.model.channel_settings import ChannelPart
from quality_platform.model.channels import ChannelConfig

ADAPTER: TypeAdapter[Any] = TypeAdapter(ChannelConfig)
SLACK = {
    "name": "Team Slack Channel", "channel_type": "slack",
    "configuration": {"webhook_url": "https://hooks.slack.com/services/..."},
    "enabled": True, "alert_types": ["threshold_violation", "regression"], "severity_levels": ["critical", "warning"],
}  # fmt: skip
FULL = {
    **SLACK, "project_ids": ["*"], "matchers": ['team="core"'], "send_resolved": True,
    "rate_limit": {"per_second": 1, "burst": 10}, "timeout_s": 10, "retry_for": "24h", "signing_secret": "whsec_x",
    "format": "slack.blocks",
}  # fmt: skip
MINIMAL = {
    "console": {}, "websocket": {}, "slack": {"webhook_url": "u"}, "webhook": {"url": "u"},
    "email": {"host": "h", "sender": "a@b", "recipients": ["c@d"]}, "pagerduty": {"routing_key": "k"},
    "ntfy": {"topic": "t"}, "apprise": {"url": "tgram://x"},
}  # fmt: skip


def problems(value: object) -> dict[str, str]:
    """Field and sentence of every mistake."""
    with pytest.raises(ValidationError) as raised:
        ADAPTER.validate_python(value)
    return {".".join(map(str, error["loc"][1:])): error["msg"] for error in raised.value.errors()}


@pytest.mark.parametrize("example", [SLACK, FULL])
def test_the_examples_are_accepted_as_they_stand(example: dict[str, object]) -> None:
    channel = ADAPTER.validate_json(json.dumps(example))
    assert channel.configuration.webhook_url.get_secret_value() == "https://hooks.slack.com/services/..."
    assert channel.severity_levels == ("critical", "warning")


def test_every_field_is_kept() -> None:
    shown = ADAPTER.validate_python(FULL).model_dump(mode="json")
    hidden = {"configuration": {"webhook_url": "**********"}, "signing_secret": "**********"}
    assert shown == {**FULL, **hidden, "timeout_s": 10.0, "rate_limit": {"per_second": 1.0, "burst": 10}}


@pytest.mark.parametrize("kind", MINIMAL)
def test_every_type_needs_little(kind: str) -> None:
    channel = ADAPTER.validate_python({"name": "c", "channel_type": kind, "configuration": MINIMAL[kind]})
    assert (channel.enabled, channel.send_resolved, channel.timeout_s) == (True, True, 10.0)
    assert ADAPTER.validate_python(channel) == channel


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"severity": "critical"}, "severity", "Extra inputs"),
        ({"configuration": {"webhook_url": "u", "url": "u"}}, "configuration.url", "Extra inputs"),
        ({"configuration": {}}, "configuration.webhook_url", "Field required"),
        ({"name": ""}, "name", "at least 1 character"),
        ({"alert_types": ["nothing"]}, "alert_types.0", "Input should be"),
        ({"severity_levels": ["fatal"]}, "severity_levels.0", "Input should be"),
        ({"matchers": [""]}, "matchers.0", "at least 1"),
        ({"rate_limit": {"per_second": 0}}, "rate_limit.per_second", "greater than 0"),
        ({"rate_limit": {"per_second": float("nan")}}, "rate_limit.per_second", "finite"),
        ({"rate_limit": {"burst": 5}}, "rate_limit.per_second", "Field required"),
        ({"rate_limit": {"per_second": 1, "burst": 0}}, "rate_limit.burst", "greater than or equal to 1"),
        ({"timeout_s": 0}, "timeout_s", "greater than or equal to 0.1"),
        ({"timeout_s": 60}, "timeout_s", "less than or equal to 30"),
        ({"timeout_s": float("inf")}, "timeout_s", "finite"),
        ({"retry_for": "a day"}, "retry_for", "valid timedelta"),
        ({"format": "alertmanager.v4"}, "format", "this type of channel has slack.blocks"),
        ({"format": "yaml"}, "format", "Input should be"),
    ],
)
def test_a_mistake_is_named_by_its_field(wrong: dict[str, object], field: str, said: str) -> None:
    found = problems({**SLACK, **wrong})
    assert list(found) == [field]
    assert said in found[field]


def test_what_a_type_cannot_do_is_said() -> None:
    mail = {"name": "m", "channel_type": "email", "configuration": MINIMAL["email"]}
    assert "no choice of format" in problems({**mail, "format": "slack.blocks"})["format"]
    assert "only webhook and slack" in problems({**mail, "signing_secret": "x"})["signing_secret"]
    assert (
        "no address of Apprise"
        in problems({"name": "a", "channel_type": "apprise", "configuration": {"url": "hunter2"}})["configuration"]
    )


def test_retries_are_written_as_they_were() -> None:
    channel = ADAPTER.validate_python({**SLACK, "retry_for": "36h"})
    assert channel.retry_for == timedelta(hours=36)
    assert channel.model_dump(mode="json")["retry_for"] == "36h"


def test_a_secret_may_be_named_by_its_file() -> None:
    mail = {**MINIMAL["email"], "username": "u", "password_file": "/run/secrets/mail"}
    channel = ADAPTER.validate_python({"name": "m", "channel_type": "email", "configuration": mail})
    assert channel.configuration.password.get_secret_value() == "file:/run/secrets/mail"
    assert channel.configuration.references() == ("password",)
    both = {"name": "m", "channel_type": "email", "configuration": {**mail, "password": "p"}}
    assert "not both" in problems(both)["configuration"]


def test_what_refers_to_this_machine_can_be_told() -> None:
    hook = {"name": "w", "channel_type": "webhook", "configuration": {"url": "env:HOOK"}, "signing_secret": "file:/k"}
    channel = ADAPTER.validate_python(hook)
    assert channel.references() == ("signing_secret",)
    assert channel.configuration.references() == ("url",)


@pytest.mark.parametrize("kind", MINIMAL)
def test_secrets_are_known_as_such(kind: str) -> None:
    channel = ADAPTER.validate_python({"name": "c", "channel_type": kind, "configuration": MINIMAL[kind]})
    settings: ChannelPart = channel.configuration
    known = {
        "slack": {"webhook_url"}, "webhook": {"url", "signing_secret"}, "email": {"password"}, "apprise": {"url"},
        "pagerduty": {"routing_key"}, "ntfy": {"topic", "token"},
    }  # fmt: skip
    assert set(settings.secret_fields()) == known.get(kind, set())
    assert channel.secret_fields() == ("signing_secret",)


def test_an_incident_per_alert_wants_no_groups() -> None:
    groups = {
        kind: ADAPTER.validate_python({"name": "c", "channel_type": kind, "configuration": found}).groups
        for kind, found in MINIMAL.items()
    }
    assert [kind for kind, may in groups.items() if not may] == ["pagerduty"]
