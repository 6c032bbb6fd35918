"""Which addresses an outgoing message may go to: public ones, and what the operator allows.

A URL in a channel is input. Without this check it could reach the cloud's metadata service, a database on
loopback or a router (server-side request forgery). Names are judged by the addresses they resolve to, and the
caller connects to exactly these, so that a second look-up cannot change the answer (DNS rebinding).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# RFC 6052: an IPv6-only host reaches IPv4 through these; the last 32 bits are the IPv4 address.
NAT64 = IPv6Network("64:ff9b::/96")
# RFC 4291: the only unicast addresses handed out so far. Outside lie mapped, local and site-local ones.
GLOBAL_UNICAST = IPv6Network("2000::/3")
NOT_PUBLIC = (
    IPv6Network("2002::/16"),  # 6to4 (RFC 3056) wraps an IPv4 address
    IPv6Network("3fff::/20"),  # documentation (RFC 9637), unknown to Python 3.11
    IPv4Network("192.0.0.0/24"),  # protocol assignments (RFC 6890), known in part to Python 3.11
    IPv4Network("192.88.99.0/24"),  # relays of 6to4, withdrawn by RFC 7526
    IPv4Network("168.63.129.16/32"),  # the host's agent on Azure: looks public, answers only its own machines
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether anyone on the internet may have `address`: unicast, global, wrapping nothing else."""
    if address in NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if not address.is_global or address.is_multicast or any(address in network for network in NOT_PUBLIC):
        return False
    return isinstance(address, IPv4Address) or address in GLOBAL_UNICAST


def reachable(
    addresses: Iterable[str], allowed: Iterable[IPv4Network | IPv6Network]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those of `addresses` that lie in an `allowed` network, and those that are public; in their order."""
    networks = tuple(allowed)
    parsed = [(text, ip_address(text.partition("%")[0])) for text in addresses]
    listed = tuple(text for text, address in parsed if any(address in network for network in networks))
    public = tuple(text for text, address in parsed if text not in listed and is_public(address))
    return listed, public


def resolved(host: str, port: int, seconds: float) -> tuple[str, ...]:
    """Addresses of `host`, IPv4 shorthands such as `127.1` read as the system reads them.

    Raises TimeoutError after `seconds`, OSError (socket.gaierror) where there is no such name.
    """
    answer: list[tuple[str, ...]] = []
    failure: list[OSError] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.append(tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except UnicodeError as error:  # a part of the name is empty or too long
            failure.append(socket.gaierror(socket.EAI_NONAME, str(error)))
        except OSError as error:
            failure.append(error)

    # getaddrinfo knows no time limit; a daemon thread does not hold up the process's end.
    thread = threading.Thread(target=ask, name="resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not answer:
        raise TimeoutError(f"the name was not resolved within {seconds:g} s")
    return answer[0]
