"""How far and how long outgoing messages may reach: the limits that every channel is given.

Belongs here: limits, and the allow-list that an operator sets. Does not belong here: connecting (`http.py`,
`channels/email.py`) or judging an address (`addresses.py`).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Self

from quality_platform.errors import ConfigurationError
from quality_platform.notifications.addresses import resolved

if TYPE_CHECKING:
    from quality_platform.notifications.connections import Connections

AnyNetwork = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Network:
    """Limits in seconds and bytes; networks that may be reached although they are not public.

    `resolve` turns host, port and patience into addresses; `new_tls` makes a context with the certificates
    that are trusted.
    """

    allowed: tuple[AnyNetwork, ...] = ()
    connect_seconds: float = 3.0
    total_seconds: float = 10.0
    response_bytes: int = 4096
    new_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    resolve: Callable[[str, int, float], tuple[str, ...]] = resolved

    @cached_property
    def http_tls(self) -> ssl.SSLContext:
        """The context of HTTP, which offers HTTP to the other side and so fits nothing else."""
        context = self.new_tls()
        context.set_alpn_protocols(["http/1.1"])
        return context

    @cached_property
    def connections(self) -> Connections:
        """Connections of HTTP that are open; they end with these limits."""
        from quality_platform.notifications.connections import Connections

        return Connections()

    @classmethod
    def allowing(cls, cidrs: Iterable[str]) -> Self:
        """The usual limits with the networks of the setting `webhook_allow_cidrs`."""
        return cls(allowed=tuple(map(_network, cidrs)))


def _network(cidr: str) -> AnyNetwork:
    try:
        return ip_network(cidr.strip())
    except ValueError as error:
        raise ConfigurationError(
            f"webhook_allow_cidrs: {cidr!r} is no network.", hint=f"Write it as 10.0.0.0/8 ({error})."
        ) from error
