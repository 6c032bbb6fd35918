from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import SecretStr, TypeAdapter

from quality_platform.errors import ConfigurationError
from quality_platform.model.channels import ChannelConfig, ConsoleChannel
from quality_platform.notifications import registry
from quality_platform.notifications.network import Network
from quality_platform.notifications.registry import CHANNELS, build_sender
from quality_platform.notifications.secrets import revealed

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENVIRONMENT = {"HOOK": "https://hooks.example/T0/B0/x", "KEY": KEY, "EMPTY": ""}
MAIL = {"host": "h", "sender": "a@example.org", "recipients": ["b@example.org"]}


def build(channel_type: str, **configuration: object) -> Any:
    config: Any = TypeAdapter(ChannelConfig).validate_python(
        {"name": "ops", "channel_type": channel_type, "configuration": configuration}
    )
    return build_sender(config, Network(), ENVIRONMENT.get)


def test_every_channel_type_has_a_sender() -> None:
    members = get_args(get_args(ChannelConfig)[0])
    assert set(CHANNELS) == {member.model_fields["channel_type"].default for member in members}


def test_every_type_is_built_and_shows_no_secret() -> None:
    built = [
        build("console"),
        build("slack", webhook_url="env:HOOK"),
        build("webhook", url="env:HOOK", signing_secret="env:KEY"),
        build("email", **MAIL, username="u", password="env:KEY"),
        build("pagerduty", routing_key="env:KEY"),
        build("ntfy", topic="quality", token="env:KEY"),
        build("websocket"),
    ]
    for sender in built:
        assert callable(sender)
        assert not [secret for secret in ENVIRONMENT.values() if secret and secret in repr(sender)]


@pytest.mark.parametrize(
    ("channel_type", "configuration", "said"),
    [
        ("slack", {"webhook_url": "env:MISSING"}, r"Channel ops: webhook_url refers to MISSING.*variable MISSING"),
        ("slack", {"webhook_url": "env:EMPTY"}, r"EMPTY, which is not set"),
        ("webhook", {"url": "https://x.example/", "signing_secret": "env:NO"}, r"signing_secret refers to NO"),
        ("webhook", {"url": "https://x.example/", "signing_secret": "whsec_c2hvcnQ="}, r"24 to 64 bytes"),
        ("webhook", {"url": "https://x.example/", "signing_secret": "whsec_" + "QUFB" * 22}, r"24 to 64 bytes"),
        ("webhook", {"url": "https://x.example/", "signing_secret": "whsec_?!"}, r"24 to 64 bytes"),
        ("pagerduty", {"routing_key": "env:NO"}, r"routing_key refers to NO"),
        ("pagerduty", {"routing_key": "file:/none"}, r"routing_key refers to the file /none, which is no file"),
        ("ntfy", {"topic": "a b"}, r"topic has other characters"),
        ("ntfy", {"topic": "a", "token": "env:NO"}, r"token refers to NO"),
        ("email", {**MAIL, "password": "p"}, r"password needs username"),
        ("email", {**MAIL, "sender": "nobody"}, r"sender has 'nobody'"),
        ("email", {**MAIL, "sender": "a@example.org\r\nBcc: c@example.org"}, r"no mail address"),
        ("email", {**MAIL, "recipients": ["b@example.org", "x"]}, r"recipients has 'x'"),
    ],
)
def test_what_cannot_work_is_said_with_channel_and_field(
    channel_type: str, configuration: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        build(channel_type, **configuration)


def test_no_secret_is_in_an_error() -> None:
    with pytest.raises(ConfigurationError) as raised:
        build("webhook", url="https://x.example/", signing_secret="whsec_hunter2hunter2")
    assert "hunter2" not in str(raised.value)


def test_revealed() -> None:
    assert revealed(SecretStr("plain"), {}.get, channel="c", field="f") == "plain"
    assert revealed("env:A", {"A": "b"}.get, channel="c", field="f") == "b"


@pytest.mark.parametrize(("given", "seconds"), [({}, 7.0), ({"timeout_s": 2.0}, 2.0), ({"timeout_s": 10}, 10.0)])
def test_a_channel_s_own_patience_replaces_the_usual(
    given: dict[str, object], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(registry, "CHANNELS", {"console": lambda _config, network, _secrets: seen.append(network)})
    registry.build_sender(ConsoleChannel(name="c", **given), Network(total_seconds=7.0), {}.get)  # type: ignore[arg-type]
    assert seen[0].total_seconds == seconds
    assert seen[0].connect_seconds <= seconds
