"""A secret of every channel is planted, everything goes wrong, and it must be nowhere: a canary in each."""

from __future__ import annotations

import base64
import logging
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from pydantic import TypeAdapter, ValidationError

from quality_platform.alerting.delivery.frozen import freeze
from quality_platform.errors import ConfigurationError, DeliveryError, QualityPlatformError
from quality_platform.model.channels import ChannelConfig
from quality_platform.notifications.network import Network
from quality_platform.notifications.registry import CHANNELS, build_sender
from quality_platform_tests.data.alert_payloads import alert, speaking
from quality_platform_tests.data.mailboxes import Mailbox, serving
from quality_platform_tests.data.receivers import Receiver, answering, babbling, hanging_up, receiving

CANARY = "canary7f3acanary7f3acanary7f3aaa"
NETWORK = Network.allowing(["127.0.0.0/8"])
ADAPTER: TypeAdapter[Any] = TypeAdapter(ChannelConfig)
SIGNING = "whsec_" + base64.b64encode(CANARY.encode()).decode()

Config = dict[str, Any]


def channels(base: str, mail_port: int) -> dict[str, Config]:
    """Every type, with a canary wherever it keeps a secret. `base` is where a service would be."""
    mail = {"host": "127.0.0.1", "port": mail_port, "sender": "q@example.org", "recipients": ["a@example.org"],
            "security": "none", "username": "quality", "password": CANARY}  # fmt: skip
    configurations: dict[str, Config] = {
        "console": {},
        "websocket": {},
        "slack": {"webhook_url": f"{base}/services/{CANARY}"},
        "webhook": {"url": f"{base}/{CANARY}?key={CANARY}", "signing_secret": SIGNING},
        "pagerduty": {"routing_key": CANARY, "url": f"{base}/v2/enqueue"},
        "ntfy": {"topic": CANARY, "server": base, "token": CANARY},
        "email": mail,
        "apprise": {"url": f"mmosts://127.0.0.1:9/{CANARY}"},
    }
    return {
        kind: {"name": "ops", "channel_type": kind, "configuration": found} for kind, found in configurations.items()
    }


def said(error: BaseException) -> str:
    """Everything that may be read of an error."""
    return "".join([repr(error), str(error), repr(vars(error)), *traceback.format_exception(error)])


def absent(text: str) -> None:
    hidden = (
        CANARY,
        SIGNING,
        base64.b64encode(CANARY.encode()).decode(),
        base64.b64encode(f"\0quality\0{CANARY}".encode()).decode(),
    )
    assert not [form for form in hidden if form in text]


def echoing(handler: BaseHTTPRequestHandler) -> None:
    """Refuses, and repeats the request, as a debugging proxy does."""
    answering(400, f"{handler.path} {handler.headers} {CANARY}".encode(), X_Echo=CANARY)(handler)


def redirecting(handler: BaseHTTPRequestHandler) -> None:
    answering(302, Location=f"http://127.0.0.1/{CANARY}")(handler)


@pytest.fixture
def mail_port() -> Iterator[int]:
    def refuse(*_: object, **__: object) -> AuthResult:
        return AuthResult(success=False, handled=False, message=f"535 no {CANARY}")

    with serving(Mailbox(), authenticator=refuse, auth_required=True, auth_require_tls=False) as port:
        yield port


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
@pytest.mark.parametrize("behaviour", [echoing, redirecting, babbling, hanging_up], ids=lambda one: one.__name__)
@pytest.mark.parametrize("kind", sorted(CHANNELS))
def test_a_secret_is_in_nothing_that_is_said(
    kind: str,
    behaviour: Callable[[BaseHTTPRequestHandler], None],
    mail_port: int,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.CRITICAL, "mail.log")  # what the mail server of this test says to itself
    delivery = speaking("firing", alert())
    with receiving(behaviour) as receiver:
        config = ADAPTER.validate_python(channels(receiver.url(""), mail_port)[kind])
        sender = build_sender(config, NETWORK, {}.get)
        told = [repr(config), str(config), config.model_dump_json(), repr(config.model_dump()), repr(sender)]
        try:
            told.append(repr(sender(delivery)))
        except DeliveryError as error:
            told.append(said(error))
        told.append(freeze(delivery.kind, delivery.message, delivery.payload))
    shown = capfd.readouterr()
    absent("\n".join([*told, caplog.text, shown.out, shown.err]))


@pytest.mark.parametrize("kind", sorted(CHANNELS))
def test_a_secret_is_in_no_refusal_of_a_configuration(kind: str) -> None:
    good = channels("https://x.example", 25)[kind]
    for broken in (
        {**good, "unknown": CANARY},
        {**good, "configuration": {**good["configuration"], "unknown": CANARY}},
    ):
        with pytest.raises(ValidationError) as raised:
            ADAPTER.validate_python(broken)
        absent(repr(raised.value.errors(include_input=False, include_context=False)))
    for name, value in good["configuration"].items():
        if CANARY not in str(value):
            continue
        spoilt = {**good, "configuration": {**good["configuration"], name: f"\r\n!{CANARY}:{CANARY}"}}
        try:
            build_sender(ADAPTER.validate_python(spoilt), NETWORK, {}.get)
        except ValidationError as error:
            absent(repr(error.errors(include_input=False, include_context=False)))
        except QualityPlatformError as error:
            absent(said(error))


@pytest.mark.parametrize(
    ("reference", "reason"),
    [("file:{folder}/none", "is no file"), ("file:{folder}", "is no file"), ("file:{folder}/empty", "is empty"),
     ("file:{folder}/large", "at most 16384 bytes"), ("file:{folder}/bytes", "not text"), ("env:NONE", "not set")],
)  # fmt: skip
def test_what_a_reference_lacks_is_said_by_its_place(reference: str, reason: str, tmp_path: Any) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "large").write_text("x" * 20_000)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe" + CANARY.encode())
    config = channels("https://x.example", 25)["pagerduty"]
    config["configuration"]["routing_key"] = reference.format(folder=tmp_path)
    with pytest.raises(ConfigurationError, match=f"Channel ops: routing_key refers to .*{reason}") as raised:
        build_sender(ADAPTER.validate_python(config), NETWORK, {}.get)
    absent(said(raised.value))


@pytest.mark.parametrize("written", ["reference", "file field"])
def test_a_secret_may_stand_in_a_file(written: str, tmp_path: Any) -> None:
    (tmp_path / "key").write_text(f"{CANARY}\n")
    configuration = (
        {"routing_key": f"file:{tmp_path}/key"}
        if written == "reference"
        else {"routing_key_file": str(tmp_path / "key")}
    )
    receiver: Receiver
    with receiving(answering(202, b'{"status":"success"}')) as receiver:
        config = {"name": "ops", "channel_type": "pagerduty", "configuration": configuration | {"url": receiver.url()}}
        build_sender(ADAPTER.validate_python(config), NETWORK, {}.get)(speaking("firing", alert()))
    assert CANARY.encode() in receiver.requests[0].body
