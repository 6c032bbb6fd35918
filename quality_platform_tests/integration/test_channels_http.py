"""Webhook and Slack channels against real servers on loopback."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpcore
import pytest
from pydantic import TypeAdapter
from standardwebhooks import Webhook

from quality_platform import __version__
from quality_platform.errors import DeliveryError
from quality_platform.model.channels import ChannelConfig
from quality_platform.notifications.delivery import Sender
from quality_platform.notifications.http import post_json
from quality_platform.notifications.network import Network
from quality_platform.notifications.registry import build_sender
from quality_platform_tests.data.certificates import certificate
from quality_platform_tests.data.messages import delivery, hostile
from quality_platform_tests.data.receivers import (
    Behaviour,
    Receiver,
    answering,
    babbling,
    dripping,
    endless,
    hanging_up,
    late,
    receiving,
    resetting,
    resetting_in_the_body,
    stalling,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NETWORK = Network.allowing(["127.0.0.0/8"])
IMPATIENT = replace(NETWORK, total_seconds=0.4)
NAME = "hooks.example.test"


def sender(
    channel_type: str, network: Network = NETWORK, secrets: dict[str, str] | None = None, **configuration: object
) -> Sender:
    config: Any = TypeAdapter(ChannelConfig).validate_python(
        {"name": "ops", "channel_type": channel_type, "configuration": configuration}
    )
    return build_sender(config, network, (secrets or {}).get)


def webhook(receiver: Receiver, **more: object) -> Sender:
    return sender("webhook", url=receiver.url(), **more)


def failure(behaviour: Behaviour, network: Network = NETWORK) -> DeliveryError:
    """How delivering to a receiver that behaves like this fails."""
    with receiving(behaviour) as receiver, pytest.raises(DeliveryError) as raised:
        webhook(receiver, network=network)(delivery())
    assert len(receiver.requests) == 1
    return raised.value


def test_a_webhook_arrives_signed() -> None:
    with receiving(answering(204)) as receiver:
        receipt = webhook(receiver, signing_secret=SECRET)(delivery())
    assert receipt.status == 204
    (request,) = receiver.requests
    sent = {name.lower(): value for name, value in request.headers.items()}
    assert sent["webhook-id"] == "01JQ4Y7N5G"
    assert sent["content-type"] == "application/json"
    assert sent["user-agent"] == f"quality-platform/{__version__}"
    assert sent["host"] == f"127.0.0.1:{receiver.port}"
    body = Webhook(SECRET).verify(request.body, sent)
    assert body == json.loads(request.body)
    assert body["type"] == "alert.firing"
    assert body["data"]["severity"] == "critical"


def test_address_and_key_may_come_from_the_environment() -> None:
    with receiving(answering(200)) as receiver:
        secrets = {"HOOK": receiver.url("/T0/B0"), "KEY": SECRET}
        sender("webhook", secrets=secrets, url="env:HOOK", signing_secret="env:KEY")(delivery())
    (request,) = receiver.requests
    assert request.path == "/T0/B0"
    assert Webhook(SECRET).verify(request.body, request.headers)


def test_a_repeat_has_the_same_id_and_body_and_a_new_time() -> None:
    with receiving(answering(200)) as receiver:
        send = webhook(receiver, signing_secret=SECRET)
        send(delivery())
        time.sleep(1.05 - datetime.now(UTC).microsecond / 1e6)
        send(delivery())
    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


@pytest.mark.parametrize(
    ("status", "retry"),
    [(301, False), (302, False), (307, False), (308, False), (400, False), (401, False), (403, False), (404, False),
     (410, False), (408, True), (425, True), (429, True), (500, True), (502, True), (503, True)],
)  # fmt: skip
def test_a_refusal_says_whether_to_try_again(status: int, retry: bool) -> None:
    error = failure(answering(status, b"<html>not for everybody</html>"))
    assert (error.status, error.retry) == (status, retry)
    assert "html" not in str(error)


def test_retry_after_is_read_in_both_forms() -> None:
    assert failure(answering(429, Retry_After="7")).retry_after == 7.0
    assert failure(answering(503, Retry_After="99999999")).retry_after == 3600.0
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    seconds = failure(answering(429, Retry_After=later)).retry_after
    assert seconds is not None
    assert 0 < seconds <= 60


def test_a_redirect_is_not_followed() -> None:
    with receiving(answering(200)) as inner:
        assert failure(answering(302, Location=inner.url())).status == 302
        assert failure(answering(307, Location=inner.url())).status == 307
    assert not inner.requests


@pytest.mark.parametrize("behaviour", [late(60.0), dripping], ids=["late", "dripping"])
def test_an_answer_that_does_not_come_in_time_is_not_waited_for(behaviour: Behaviour) -> None:
    error = failure(behaviour, IMPATIENT)
    assert error.retry
    assert str(error) == "127.0.0.1 did not answer within 0.4 s."


def test_an_answer_just_in_time_counts() -> None:
    with receiving(late(0.25)) as receiver:
        assert webhook(receiver)(delivery()).status == 200


@pytest.mark.parametrize("behaviour", [stalling, resetting_in_the_body], ids=lambda one: one.__name__)
def test_once_accepted_a_body_may_break_off(behaviour: Behaviour) -> None:
    with receiving(behaviour) as receiver:
        assert webhook(receiver, network=replace(NETWORK, total_seconds=3.0))(delivery()).status == 200


def test_of_an_endless_body_only_the_beginning_is_read() -> None:
    with receiving(endless) as receiver:
        answer = post_json(receiver.url(), b"{}", replace(NETWORK, total_seconds=60.0))
    assert (answer.status, len(answer.body)) == (200, 4096)


@pytest.mark.parametrize("behaviour", [resetting, babbling, hanging_up], ids=lambda one: one.__name__)
def test_a_broken_answer_is_tried_again(behaviour: Behaviour) -> None:
    error = failure(behaviour)
    assert error.retry
    assert str(error).startswith("127.0.0.1 cannot be reached:")


def test_nobody_listening_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(DeliveryError, match=r"127\.0\.0\.1 cannot be reached") as raised:
            sender("webhook", url=f"http://127.0.0.1:{free.getsockname()[1]}/secret-path")(delivery())
    assert raised.value.retry
    assert "secret-path" not in str(raised.value)


def test_a_name_that_is_none_is_tried_again() -> None:
    with pytest.raises(DeliveryError, match=r"no-such-host\.invalid") as raised:
        sender("webhook", url="https://no-such-host.invalid/T0/secret")(delivery())
    assert raised.value.retry
    assert "T0" not in str(raised.value)


class TestWhereMessagesMayGo:
    """A server on loopback stands for everything inside; it must never hear of a message it was not meant for."""

    @pytest.fixture
    def inside(self) -> Iterator[Receiver]:
        with receiving(answering(200)) as receiver:
            yield receiver

    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0", "localhost", "LOCALHOST", "[::1]",
         "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::ffff:169.254.169.254]",
         "127\uff0e0\uff0e0\uff0e1", "0x7f.1", "017700000001", "[fd00::]", "100.127.255.254",
         "[2002:7f00:1::]", "192.168.0.1", "172.16.0.1", "168.63.129.16", "[::]", "[64:ff9b::127.0.0.1]",
         "127\u30020\u30020\u30021", "169.254.169.254", "10.0.0.1", "100.64.0.1",
         "[fd00::1]", "[fe80::1]", "0.0.0.0", "255.255.255.255", "224.0.0.1"],
    )  # fmt: skip
    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_not_inside(self, inside: Receiver, host: str, scheme: str) -> None:
        send = sender("webhook", Network(), url=inside.url(host=host, scheme=scheme))
        with pytest.raises(DeliveryError, match=r"no public address.*WEBHOOK_ALLOW_CIDRS") as raised:
            send(delivery())
        assert not raised.value.retry
        assert inside.connections == 0

    def test_a_name_with_a_dot_behind_it_is_no_way_in(self, inside: Receiver) -> None:
        """Some resolvers know `localhost.`, some do not."""
        with pytest.raises(DeliveryError, match=r"no public address|cannot be reached"):
            sender("webhook", Network(), url=inside.url(host="localhost."))(delivery())
        assert inside.connections == 0

    @pytest.mark.parametrize(
        "url",
        ["http://user:hunter2@127.0.0.1/", "https://hooks.slack.com@127.0.0.1/", "https://evil\\@127.0.0.1/",
         "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "//127.0.0.1/", "127.0.0.1", "https://",
         "https:///x", "", "https://a b/", "https://127.0.0.1%00.example/", "https://[fe80::1%25lo]/",
         "https://a\r\nb/", "https://h:99999999/", "https://h:0/", "https://h:abc/", "https://0177.0.0.1/",
         "https://\u24d4.example/", "unix:///run/x.sock", "https://\uff11\uff12\uff17.0.0.1/"],
    )  # fmt: skip
    def test_not_by_other_ways(self, url: str) -> None:
        with pytest.raises(DeliveryError, match=r"The channel's URL cannot be") as raised:
            sender("webhook", url=url)(delivery())
        assert not raised.value.retry
        assert "hunter2" not in str(raised.value)

    def test_what_is_allowed_is_reached_by_any_spelling(self, inside: Receiver) -> None:
        for host in ("127.0.0.1", "127.1", "localhost", "LOCALHOST"):
            assert sender("webhook", url=inside.url(host=host))(delivery()).status == 200

    def test_a_public_address_is_called_only_with_encryption(self) -> None:
        with pytest.raises(DeliveryError, match=r"not called without encryption.*https") as raised:
            sender("webhook", replace(NETWORK, resolve=lambda *_: ("8.8.8.8",)), url="http://hooks.example/x")(
                delivery()
            )
        assert not raised.value.retry

    def test_a_mixed_answer_leads_only_to_what_is_allowed(self, inside: Receiver) -> None:
        network = replace(NETWORK, resolve=lambda *_: ("10.9.9.9", "169.254.169.254", "127.0.0.1", "8.8.8.8"))
        assert sender("webhook", network, url=inside.url(host=NAME))(delivery()).status == 200
        assert inside.requests[0].headers["Host"] == f"{NAME}:{inside.port}"

    def test_without_encryption_only_what_is_allowed_is_tried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tried = []
        connect = httpcore.SyncBackend.connect_tcp

        def note(backend: httpcore.SyncBackend, host: str, *more: Any) -> httpcore.NetworkStream:
            tried.append(host)
            return connect(backend, host, *more)

        monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", note)
        network = replace(NETWORK, resolve=lambda *_: ("8.8.8.8", "127.0.0.9"))
        with pytest.raises(DeliveryError, match=r"cannot be reached"):
            sender("webhook", network, url=f"http://{NAME}:9/")(delivery())
        assert tried == ["127.0.0.9"]

    def test_a_name_is_resolved_once_so_that_it_cannot_change(self, inside: Receiver) -> None:
        answers = iter([("127.0.0.1",)])
        network = replace(NETWORK, resolve=lambda *_: next(answers))
        assert sender("webhook", network, url=inside.url(host=NAME))(delivery()).status == 200
        assert next(answers, None) is None

    def test_the_next_address_is_tried_when_one_is_silent(self, inside: Receiver) -> None:
        # nothing listens on this port of the first address
        network = replace(NETWORK, resolve=lambda *_: ("127.0.0.9", "127.0.0.1"))
        assert sender("webhook", network, url=inside.url(host=NAME))(delivery()).status == 200

    def test_proxies_in_the_environment_are_not_used(self, inside: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
        with receiving(answering(200)) as proxy:
            for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url("/"))
            webhook(inside)(delivery())
        assert (len(inside.requests), proxy.connections) == (1, 0)


class TestEncryption:
    """Certificates are checked against the name in the URL, though the connection goes to a vetted address."""

    @staticmethod
    def network(folder: Path, trusted: str = NAME) -> Network:
        return replace(NETWORK, resolve=lambda *_: ("127.0.0.1",), new_tls=certificate(folder, trusted).client)

    def test_name_and_certificate_are_those_of_the_url(self, tmp_path: Path) -> None:
        shown = certificate(tmp_path, NAME)
        network = replace(self.network(tmp_path), new_tls=shown.client)
        with receiving(answering(200), shown.server()) as receiver:
            send = sender("webhook", network, url=receiver.url(host=NAME, scheme="https"), signing_secret=SECRET)
            assert send(delivery()).status == 200
        assert receiver.names == [NAME]
        assert receiver.requests[0].headers["Host"] == f"{NAME}:{receiver.port}"

    @pytest.mark.parametrize("fault", ["unknown", "other name", "expired"])
    def test_a_wrong_certificate_is_refused(self, tmp_path: Path, fault: str) -> None:
        shown = certificate(
            tmp_path, "other.example.test" if fault == "other name" else NAME, days=-1 if fault == "expired" else 1
        )
        network = (
            self.network(tmp_path) if fault == "unknown" else replace(self.network(tmp_path), new_tls=shown.client)
        )
        with (
            receiving(answering(200), shown.server()) as receiver,
            pytest.raises(DeliveryError, match=r"certificate verify failed") as raised,
        ):
            sender("webhook", network, url=receiver.url(host=NAME, scheme="https"))(delivery())
        assert raised.value.retry
        assert not receiver.requests

    def test_a_server_without_encryption_is_an_error(self, tmp_path: Path) -> None:
        with receiving(answering(200)) as receiver, pytest.raises(DeliveryError, match=r"cannot be reached"):
            sender("webhook", self.network(tmp_path), url=receiver.url(host=NAME, scheme="https"))(delivery())


class TestSlack:
    @staticmethod
    def send(receiver: Receiver) -> Sender:
        return sender("slack", webhook_url=receiver.url("/services/T0/B0/secret"))

    def test_a_message_arrives_as_blocks(self) -> None:
        with receiving(answering(200, b"ok")) as receiver:
            receipt = self.send(receiver)(delivery(hostile()))
        assert receipt.detail == "accepted by Slack"
        body = json.loads(receiver.requests[0].body)
        assert set(body) == {"text", "blocks", "attachments"}

    def test_200_without_ok_is_no_delivery(self) -> None:
        for body in (b"<html>sign in</html>", b"", b"invalid_token"):
            with (
                receiving(answering(200, body)) as receiver,
                pytest.raises(DeliveryError, match=r"not Slack's ok") as raised,
            ):
                self.send(receiver)(delivery())
            assert raised.value.retry

    def test_slack_s_own_word_is_told_and_the_webhook_is_not(self) -> None:
        with receiving(answering(404, b"channel_not_found")) as receiver, pytest.raises(DeliveryError) as raised:
            self.send(receiver)(delivery())
        assert str(raised.value) == "127.0.0.1 answered 404 (channel_not_found)."
        assert not raised.value.retry
