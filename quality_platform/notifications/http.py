"""The one way out by HTTP: a POST that reaches only where it may, within its time, and follows nothing.

Belongs here: URL, connection, limits. Does not belong here: what is sent (`channels/`) or what a status means
(`answers.py`). Errors name the host and never the URL: a webhook's path is its password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import httpcore

from quality_platform import __version__
from quality_platform.errors import DeliveryError
from quality_platform.notifications.answers import refusal
from quality_platform.notifications.network import Network
from quality_platform.notifications.plain import single_line
from quality_platform.notifications.stream import Deadline, GuardedBackend

_HOST = re.compile(rb"[A-Za-z0-9._:-]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """A receiver's 2xx: its status and the first bytes of its body."""

    status: int
    body: bytes


def post_json(url: str, body: bytes, network: Network, headers: Mapping[str, str] | None = None) -> Answer:
    """POST `body` to `url`; raises `DeliveryError` unless the receiver accepts it with 2xx.

    Redirects are not followed, proxies in the environment not used. A body longer than the limit, or one that
    breaks off, is cut: the status has been said.
    """
    target = _target(url)
    host = target.host.decode("ascii")
    backend = GuardedBackend(network, Deadline(network.total_seconds), secure=target.scheme == b"https")
    with (
        _explained(host, network),
        httpcore.ConnectionPool(ssl_context=network.http_tls, network_backend=backend) as pool,
        pool.stream("POST", target, headers=_headers(headers or {}), content=body) as response,
    ):
        start = _start(response, network.response_bytes)
    later = next((value.decode("latin-1") for name, value in response.headers if name.lower() == b"retry-after"), None)
    error = refusal(host, response.status, start, later, datetime.now(UTC))
    if error:
        raise error
    return Answer(response.status, start)


def _target(url: str) -> httpcore.URL:
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
    return httpcore.URL(scheme=parts.raw_scheme, host=host, port=parts.port, target=parts.raw_path)


def _headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    usual = {"Content-Type": "application/json", "User-Agent": f"quality-platform/{__version__}", "Connection": "close"}
    return [
        (name.encode("ascii"), single_line(value).encode("latin-1", "replace"))
        for name, value in (usual | dict(headers)).items()
    ]


def _start(response: httpcore.Response, most: int) -> bytes:
    """The body's first `most` bytes, or what came of them."""
    start = b""
    with suppress(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        for part in response.iter_stream():
            start += part[: most - len(start)]
            if len(start) >= most:
                break
    return start


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
