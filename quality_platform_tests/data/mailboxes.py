"""A real SMTP server on loopback that keeps what it gets and refuses as told."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


@dataclass
class Mailbox:
    """An SMTP handler that keeps what it gets and refuses as told."""

    refusals: dict[str, str] = field(default_factory=dict)
    data: str = "250 kept"
    sender: str = "250 OK"
    got: list[Envelope] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.sender

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        if self.data.startswith("250"):
            self.got.append(envelope)
        return self.data

    def only_mail(self) -> EmailMessage:
        """The one mail that arrived."""
        (envelope,) = self.got
        return cast("EmailMessage", email.message_from_bytes(cast("bytes", envelope.content), policy=default))


@contextmanager
def serving(mailbox: Mailbox, **more: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, server_hostname="mail.example.test", **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
