"""A connection to a vetted address that ends in time: what requests are written to and answers read from.

A limit on each read would let a receiver that sends one byte now and then hold a sender for ever; here one deadline
covers name, connection, handshake, request and answer. Does not belong here: HTTP (`exchange.py`), which connections
are kept (`connections.py`).
"""

from __future__ import annotations

import ssl
import time
from typing import Any

import httpcore

from quality_platform.errors import DeliveryError
from quality_platform.notifications.addresses import reachable
from quality_platform.notifications.network import Network

# A name with more addresses than this is not worth more waiting.
MOST_ATTEMPTS = 4


class Deadline:
    """A point in time after which nothing is waited for."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, most: float = float("inf")) -> float:
        """Seconds left, at most `most`; raises `httpcore.ReadTimeout` when there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("out of time")
        return min(seconds, most)


class BoundedStream:
    """A stream of httpcore whose every step ends at the deadline; a kept connection gets a new one per request."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self.deadline = deadline

    def read(self, most: int) -> bytes:
        """Read what is there, at most so many bytes; empty when the other side has hung up."""
        return self._stream.read(most, self.deadline.left())

    def write(self, content: bytes) -> None:
        """Write all of `content`."""
        self._stream.write(content, self.deadline.left())

    def encrypted(self, context: ssl.SSLContext, name: str) -> BoundedStream:
        """The same connection after a handshake in which the other side proved to be `name`."""
        return BoundedStream(self._stream.start_tls(context, name, self.deadline.left()), self.deadline)

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has arrived that nobody asked for, such as the other side's farewell."""
        readable: Any = self._stream.get_extra_info("is_readable")
        return not readable


def connect(network: Network, host: str, port: int, deadline: Deadline, *, secure: bool) -> BoundedStream:
    """A connection to the first vetted address of `host` that answers, encrypted where `secure`.

    The name is resolved once, addresses that must not be reached are refused, and one of the others is connected to.
    The certificate is checked against the name. Only an allow-listed network may be reached without TLS.
    """
    failure: Exception = httpcore.ConnectError("no address")
    for address in _vetted(network, host, port, deadline, secure=secure)[:MOST_ATTEMPTS]:
        try:
            stream = httpcore.SyncBackend().connect_tcp(address, port, deadline.left(network.connect_seconds))
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            failure = error
            continue
        bounded = BoundedStream(stream, deadline)
        return bounded.encrypted(network.http_tls, host) if secure else bounded
    raise failure


def _vetted(network: Network, host: str, port: int, deadline: Deadline, *, secure: bool) -> tuple[str, ...]:
    addresses = network.resolve(host, port, deadline.left(network.connect_seconds))
    listed, public = reachable(addresses, network.allowed)
    if listed or (public and secure):
        return (*listed, *public) if secure else listed
    if public:
        raise DeliveryError(f"{host} is not called without encryption.", retry=False, hint="Use https.")
    raise DeliveryError(
        f"{host} is no public address, and messages may not reach it.",
        retry=False,
        hint="If it is yours, add its network to QUALITY_PLATFORM_WEBHOOK_ALLOW_CIDRS.",
    )
