"""The e-mail channel against real SMTP servers on loopback."""

from __future__ import annotations

import email
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from pydantic import TypeAdapter

from quality_platform.errors import DeliveryError
from quality_platform.model.channels import ChannelConfig
from quality_platform.notifications.delivery import Sender
from quality_platform.notifications.network import Network
from quality_platform.notifications.registry import build_sender
from quality_platform_tests.data.certificates import Certificate, certificate
from quality_platform_tests.data.mailboxes import Mailbox, serving
from quality_platform_tests.data.messages import REPORT, delivery, hostile

NETWORK = Network()
ADA, BOB = "ada@example.org", "bob@example.org"


def sender(port: int, network: Network = NETWORK, **more: object) -> Sender:
    config: Any = TypeAdapter(ChannelConfig).validate_python(
        {
            "name": "mail",
            "channel_type": "email",
            "configuration": {
                "host": "127.0.0.1", "port": port, "sender": "Quality <quality@example.org>",
                "recipients": [ADA, BOB], "security": "none", **more,
            },
        }
    )  # fmt: skip
    return build_sender(config, network, {}.get)


def failure(mailbox: Mailbox) -> DeliveryError:
    with serving(mailbox) as port, pytest.raises(DeliveryError) as raised:
        # a message of its own: who has got one is remembered
        sender(port)(delivery(message_id=uuid4().hex))
    return raised.value


def test_a_mail_arrives_with_text_page_and_pictures() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        receipt = sender(port)(delivery(REPORT))
    assert (receipt.status, receipt.detail) == (250, f"accepted for {ADA}, {BOB}")
    assert mailbox.got[0].rcpt_tos == [ADA, BOB]
    assert mailbox.got[0].mail_from == "quality@example.org"
    assert [part.get_content_type() for part in mailbox.only_mail().walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "image/png",
    ]  # fmt: skip
    assert mailbox.only_mail()["Subject"] == "Warning: Quality of flask"


def test_hostile_text_reaches_nobody_else() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        sender(port)(delivery(hostile("x\r\nBcc: eve@evil.example\r\nRCPT TO:<eve@evil.example>\r\n.\r\nQUIT\r\n")))
    assert mailbox.got[0].rcpt_tos == [ADA, BOB]
    assert mailbox.only_mail()["Bcc"] is None


def test_a_repeat_is_seen_as_one() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        send = sender(port)
        send(delivery())
        send(delivery())
    first, second = (email.message_from_bytes(cast("bytes", envelope.content)) for envelope in mailbox.got)
    assert first["Message-ID"] == second["Message-ID"]


class TestRefusals:
    def test_one_recipient_is_named_and_the_others_have_it(self) -> None:
        mailbox = Mailbox(refusals={BOB: "550 5.1.1 no such user"})
        error = failure(mailbox)
        assert str(error) == f"127.0.0.1 refused {BOB} (550 5.1.1 no such user). The other recipients got it."
        assert (error.retry, error.status) == (False, 550)
        assert mailbox.got[0].rcpt_tos == [ADA]

    def test_a_recipient_refused_for_now_is_tried_again_and_the_others_are_not(self) -> None:
        mailbox = Mailbox(refusals={BOB: "451 greylisted"})
        with serving(mailbox) as port:
            send = sender(port)
            with pytest.raises(
                DeliveryError, match=r"refused bob.*451 greylisted.*The other recipients got it"
            ) as raised:
                send(delivery(message_id="greylisted"))
            assert (raised.value.retry, raised.value.status) == (True, 451)
            mailbox.refusals.clear()
            # senders are built again and again; who has got it is remembered beside them
            assert sender(port)(delivery(message_id="greylisted")).detail == f"accepted for {BOB}"
            assert [envelope.rcpt_tos for envelope in mailbox.got] == [[ADA], [BOB]]
            assert sender(port)(delivery(message_id="another")).detail == f"accepted for {ADA}, {BOB}"

    def test_sent_again_by_hand_it_is_for_whom_it_was_refused(self) -> None:
        mailbox = Mailbox(refusals={BOB: "550 unknown"})
        with serving(mailbox) as port:
            with pytest.raises(DeliveryError):
                sender(port)(delivery(message_id="by hand"))
            mailbox.refusals.clear()
            sender(port)(delivery(message_id="by hand"))
        assert [envelope.rcpt_tos for envelope in mailbox.got] == [[ADA], [BOB]]

    def test_refused_for_good_and_for_now_ends_with_the_one_refused_for_good(self) -> None:
        mailbox = Mailbox(refusals={ADA: "550 unknown", BOB: "451 later"})
        with serving(mailbox) as port:
            with pytest.raises(DeliveryError) as first:
                sender(port)(delivery(message_id="mixed"))
            del mailbox.refusals[BOB]
            with pytest.raises(DeliveryError) as second:
                sender(port)(delivery(message_id="mixed"))
        assert (first.value.retry, first.value.status) == (True, 451)
        assert (second.value.retry, second.value.status) == (False, 550)
        assert [envelope.rcpt_tos for envelope in mailbox.got] == [[BOB]]

    @pytest.mark.parametrize(
        ("answers", "retry"),
        [(("550 no", "551 no"), False), (("451 later", "451 later"), True), (("550 no", "451 later"), True)],
    )
    def test_all_recipients(self, answers: tuple[str, str], retry: bool) -> None:
        mailbox = Mailbox(refusals=dict(zip((ADA, BOB), answers, strict=True)))
        error = failure(mailbox)
        assert error.retry is retry
        assert ADA in str(error)
        assert BOB in str(error)
        assert not mailbox.got

    @pytest.mark.parametrize(("answer", "retry"), [("452 disk full", True), ("554 spam\x1b[2J", False)])
    def test_the_mail_itself(self, answer: str, retry: bool) -> None:
        error = failure(Mailbox(data=answer))
        assert (error.retry, error.status) == (retry, int(answer[:3]))
        assert "\x1b" not in str(error)

    @pytest.mark.parametrize(("answer", "retry"), [("421 busy", True), ("553 not you", False)])
    def test_the_sender(self, answer: str, retry: bool) -> None:
        error = failure(Mailbox(sender=answer))
        assert (error.retry, error.status) == (retry, int(answer[:3]))


class TestEncryption:
    HOST = "localhost"

    @pytest.fixture
    def shown(self, tmp_path: Path) -> Certificate:
        return certificate(tmp_path, self.HOST)

    def test_starttls(self, shown: Certificate) -> None:
        mailbox = Mailbox()
        with serving(mailbox, tls_context=shown.server(), require_starttls=True) as port:
            network = replace(NETWORK, new_tls=shown.client)
            sender(port, network, host=self.HOST, security="starttls")(delivery())
        assert len(mailbox.got) == 1

    def test_tls_from_the_first_byte(self, shown: Certificate) -> None:
        mailbox = Mailbox()
        with serving(mailbox, ssl_context=shown.server()) as port:
            sender(port, replace(NETWORK, new_tls=shown.client), host=self.HOST, security="tls")(delivery())
        assert len(mailbox.got) == 1

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_a_certificate_that_is_not_trusted_ends_it(self, shown: Certificate, security: str) -> None:
        mailbox = Mailbox()
        way = {"tls_context": shown.server()} if security == "starttls" else {"ssl_context": shown.server()}
        with serving(mailbox, **way) as port:
            for network, host in ((NETWORK, self.HOST), (replace(NETWORK, new_tls=shown.client), "127.0.0.1")):
                with pytest.raises(DeliveryError, match=r"certificate verify failed") as raised:
                    sender(port, network, host=host, security=security)(delivery())
                assert raised.value.retry
        assert not mailbox.got

    def test_a_server_without_starttls_gets_nothing(self) -> None:
        mailbox = Mailbox()
        with serving(mailbox) as port, pytest.raises(DeliveryError, match=r"STARTTLS.*Check security") as raised:
            sender(port, security="starttls")(delivery())
        assert not raised.value.retry
        assert not mailbox.got


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
class TestLogin:
    @staticmethod
    def check(
        _server: object, _session: object, _envelope: object, _mechanism: str, auth_data: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=auth_data == LoginPassword(b"quality", b"hunter2"), handled=False)

    @pytest.mark.parametrize("password", ["hunter2", "wrong-canary"])
    def test_user_and_password(self, password: str) -> None:
        mailbox = Mailbox()
        with serving(mailbox, authenticator=self.check, auth_required=True, auth_require_tls=False) as port:
            send = sender(port, username="quality", password=password)
            if password == "hunter2":
                send(delivery())
                assert len(mailbox.got) == 1
                return
            with pytest.raises(DeliveryError, match=r"refused user name and password") as raised:
                send(delivery())
        assert (raised.value.retry, raised.value.status) == (False, 535)
        assert "canary" not in str(raised.value)

    def test_a_server_that_knows_no_login(self) -> None:
        with serving(Mailbox()) as port, pytest.raises(DeliveryError, match=r"cannot do it") as raised:
            sender(port, username="quality", password="hunter2")(delivery())
        assert not raised.value.retry


@contextmanager
def talking(script: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that follows a script instead of the protocol."""

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                script(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
    thread.join(2)


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def refusing(connection: socket.socket) -> None:
    connection.sendall(b"421 too many connections\r\n")


def babbling(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def no_farewell(connection: socket.socket) -> None:
    """Takes the mail and hangs up instead of answering QUIT."""
    connection.sendall(b"220 hello\r\n")
    lines, in_mail = connection.makefile("rb"), False
    with lines:
        for line in lines:
            word = line[:4].upper()
            if in_mail:
                in_mail = line != b".\r\n"
                answer = b"" if in_mail else b"250 kept\r\n"
            elif word == b"QUIT":
                return
            else:
                in_mail = word == b"DATA"
                answer = b"354 go on\r\n" if in_mail else b"250 ok\r\n"
            connection.sendall(answer)


@pytest.mark.parametrize("script", [silent, refusing, babbling], ids=lambda one: one.__name__)
def test_a_server_that_does_not_talk_is_tried_again(script: Callable[[socket.socket], None]) -> None:
    patience = 0.3 if script is silent else 60.0
    with talking(script) as port, pytest.raises(DeliveryError, match=r"127\.0\.0\.1") as raised:
        sender(port, replace(NETWORK, total_seconds=patience))(delivery())
    assert raised.value.retry is (script is not babbling)


def dripping(connection: socket.socket) -> None:
    """Greets, a byte now and then: every read is quick, the greeting never ends."""
    with suppress(OSError):
        for _ in range(1000):
            connection.sendall(b"2")
            time.sleep(0.02)


def test_a_server_that_drips_is_hung_up_on() -> None:
    with talking(dripping) as port, pytest.raises(DeliveryError, match=r"127\.0\.0\.1") as raised:
        sender(port, replace(NETWORK, total_seconds=0.1))(delivery())
    assert raised.value.retry


def test_nobody_listening_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(DeliveryError, match=r"cannot be reached") as raised:
            sender(free.getsockname()[1])(delivery())
    assert raised.value.retry


def test_a_failing_farewell_does_not_repeat_the_mail() -> None:
    with talking(no_farewell) as port:
        assert sender(port)(delivery()).status == 250


def test_the_usual_certificates_are_trusted() -> None:
    context = Network().new_tls()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
