"""One GET: within a time, of a body up to a size, decompressed as far as that size goes.

Belongs here: the request and its limits. Does not belong here: what the answer means (`probes/`, `scrape/`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpcore
import httpx

from quality_platform import __version__
from quality_platform.collectors.web.certificates import days_left, trusting
from quality_platform.collectors.web.deadline import Deadline, TimedBackend

MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_GZIP = 31


class UnansweredError(Exception):
    """Nothing came back that could be read. The message is one word or a few, and names no address."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take. `redirects` says how many are followed."""

    seconds: float
    body_bytes: int
    redirects: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `cut` says that the body was longer; `certificate_days` is None without TLS."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool
    certificate_days: float | None


def get(url: str, limits: Limits, headers: Mapping[str, str], ca_file: str | None = None) -> Answer:
    """The answer to a GET. Raises UnansweredError."""
    deadline = Deadline(limits.seconds)
    try:
        target = httpx.URL(url)
        for _ in range(limits.redirects + 1):
            answer = _once(target, deadline, limits, headers, ca_file)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location or not limits.redirects:
                return answer
            target = target.join(location)
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
    except (httpcore.TimeoutException, TimeoutError):
        raise UnansweredError("timeout") from None
    except (httpx.InvalidURL, UnicodeError):
        raise UnansweredError("the address cannot be read") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError, zlib.error) as error:
        raise UnansweredError(_reason(error)) from None
    raise UnansweredError(f"more than {limits.redirects} redirects")


def _once(
    target: httpx.URL, deadline: Deadline, limits: Limits, headers: Mapping[str, str], ca_file: str | None
) -> Answer:
    own = {"User-Agent": f"quality-platform/{__version__}", "Connection": "close", "Host": _host(target)}
    sent = [(name.encode("ascii"), value.encode("utf-8")) for name, value in {**own, **headers}.items()]
    place = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
    tls = trusting(ca_file) if target.scheme == "https" else None
    with (
        httpcore.ConnectionPool(ssl_context=tls, network_backend=TimedBackend(deadline)) as pool,
        pool.stream("GET", place, headers=sent) as response,
    ):
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        days = days_left(response.extensions["network_stream"].get_extra_info("ssl_object"))
        body, cut = _body(response.iter_stream(), found.get("content-encoding", ""), limits.body_bytes)
        return Answer(response.status, found, body, cut, days)


def _host(target: httpx.URL) -> str:
    return target.netloc.decode("ascii")


def _body(parts: Iterator[bytes], encoding: str, most: int) -> tuple[bytes, bool]:
    """The first `most` bytes of the decompressed body, and whether there are more."""
    unpack = zlib.decompressobj(_GZIP) if encoding.strip().lower() in ("gzip", "x-gzip") else None
    body = bytearray()
    for part in parts:
        body += part[: most + 1] if unpack is None else unpack.decompress(part, most + 1 - len(body))
        if len(body) > most:
            return bytes(body[:most]), True
    return bytes(body), False


def _reason(error: Exception) -> str:
    text = str(error).lower()
    known = {
        "certificate": "the certificate is not trusted", "refused": "connection refused", "reset": "connection reset",
        "name or service": "the name is not known", "nodename": "the name is not known",
        "no address": "the name is not known", "unreachable": "unreachable",
    }  # fmt: skip
    return next((words for part, words in known.items() if part in text), type(error).__name__)
