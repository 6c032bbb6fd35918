"""The one way out by HTTP: a POST that reaches only where it may, within its time, and follows nothing.

Belongs here: URL, connection, limits. Does not belong here: what is sent (`channels/`) or what a status means
(`answers.py`). Errors name the host and never the URL: a webhook's path is its password.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import httpcore

from quality_platform import __version__
from quality_platform.errors import DeliveryError
from quality_platform.notifications.answers import refusal
from quality_platform.notifications.connections import Kept, Origin
from quality_platform.notifications.exchange import NoAnswer, Reply, exchange, request
from quality_platform.notifications.network import Network
from quality_platform.notifications.plain import single_line
from quality_platform.notifications.stream import Deadline, connect

_HOST = re.compile(rb"[A-Za-z0-9._:-]+")
_USUAL = {"Content-Type": "application/json", "User-Agent": f"quality-platform/{__version__}"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A receiver's 2xx: its status and the first bytes of its body."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class _Target:
    origin: Origin
    named: bytes
    """Host and port as the Host header writes them."""
    path: bytes


def post_json(url: str, body: bytes, network: Network, headers: Mapping[str, str] | None = None) -> Answer:
    """POST `body` to `url`; raises `DeliveryError` unless the receiver accepts it with 2xx.

    Redirects are not followed, proxies in the environment not used. A body longer than the limit, or one that
    breaks off, is cut: the status has been said. A connection may be one that `network` has kept.
    """
    target = _target(url)
    host = target.origin[1]
    with _explained(host, network):
        sent = request("POST", target.path, target.named, {**_USUAL, **(headers or {})}, body)
        reply = _answered(target.origin, sent, network, Deadline(network.total_seconds))
    error = refusal(host, reply.status, reply.body, reply.retry_after, datetime.now(UTC))
    if error:
        raise error
    return Answer(reply.status, reply.body)


def _answered(origin: Origin, sent: bytes, network: Network, deadline: Deadline) -> Reply:
    """The answer, on a kept connection if there is one that still works, else on a new one."""
    kept = network.connections.take(origin)
    if kept is not None:
        try:
            return _asked(kept, origin, sent, network, deadline)
        except NoAnswer:
            pass  # it was closed in the moment of asking, as servers do with idle ones: a new one will tell
    secure, host, port = origin
    opened = time.monotonic()
    fresh = Kept(connect(network, host, port, deadline, secure=secure), opened)
    return _asked(fresh, origin, sent, network, deadline)


def _asked(kept: Kept, origin: Origin, sent: bytes, network: Network, deadline: Deadline) -> Reply:
    kept.stream.deadline = deadline
    reply = None
    try:
        reply = exchange(kept.stream, sent, network.response_bytes)
    finally:
        if reply is not None and reply.keeps:
            network.connections.give(origin, kept)
        else:
            kept.stream.close()
    return reply


@lru_cache(256)
def _target(url: str) -> _Target:
    """The URL in parts, international names encoded; raises where it is none that may be called."""
    import httpx

    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise DeliveryError("The channel's URL cannot be read.", retry=False) from error
    host = parts.raw_host
    usual = parts.scheme in {"http", "https"} and (parts.port is None or 0 < parts.port < 65536)
    if not usual or parts.userinfo or not _HOST.fullmatch(host):
        raise DeliveryError(
            "The channel's URL cannot be called.",
            retry=False,
            hint="Write https://host/path, without user or password.",
        )
    secure = parts.scheme == "https"
    return _Target((secure, host.decode("ascii"), parts.port or (443 if secure else 80)), parts.netloc, parts.raw_path)


@contextmanager
def _explained(host: str, network: Network) -> Iterator[None]:
    """Turns what can go wrong on the way into sentences."""
    try:
        yield
    except (httpcore.TimeoutException, TimeoutError) as error:
        raise DeliveryError(f"{host} did not answer within {network.total_seconds:g} s.", retry=True) from error
    except httpcore.LocalProtocolError as error:
        raise DeliveryError(
            f"The request to {host} is malformed: {single_line(str(error), 200)}.", retry=False
        ) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise DeliveryError(f"{host} cannot be reached: {single_line(str(error), 200)}.", retry=True) from error
