"""A connection to a vetted address that ends in time: what httpcore opens and reads through.

httpcore limits each read, so a receiver that sends one byte now and then could hold a worker for ever; here
one deadline covers name, connection, handshake, request and answer.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
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


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves a name once, refuses addresses that must not be reached, connects to one of the others.

    Only an allow-listed network may be reached without TLS (`secure`). Host header and certificate check
    keep the name: httpcore takes them from the URL.
    """

    def __init__(self, network: Network, deadline: Deadline, *, secure: bool) -> None:
        self._network = network
        self._deadline = deadline
        self._secure = secure

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first vetted address that answers."""
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._vetted(host, port)[:MOST_ATTEMPTS]:
            try:
                patience = self._deadline.left(self._network.connect_seconds)
                stream = httpcore.SyncBackend().connect_tcp(address, port, patience, local_address, socket_options)
                return BoundedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _vetted(self, host: str, port: int) -> tuple[str, ...]:
        addresses = self._network.resolve(host, port, self._deadline.left(self._network.connect_seconds))
        listed, public = reachable(addresses, self._network.allowed)
        if listed or (public and self._secure):
            return (*listed, *public) if self._secure else listed
        if public:
            raise DeliveryError(f"{host} is not called without encryption.", retry=False, hint="Use https.")
        raise DeliveryError(
            f"{host} is no public address, and messages may not reach it.",
            retry=False,
            hint="If it is yours, add its network to QUALITY_PLATFORM_WEBHOOK_ALLOW_CIDRS.",
        )


class BoundedStream(httpcore.NetworkStream):
    """A stream of httpcore whose every step ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there."""
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of `buffer`."""
        self._stream.write(buffer, self._deadline.left())

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Shake hands."""
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return BoundedStream(stream, self._deadline)

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """What the stream knows of itself."""
        return self._stream.get_extra_info(info)
