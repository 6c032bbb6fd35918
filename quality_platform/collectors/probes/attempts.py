"""One try of one probe: HTTP, TCP, or a process of this host. Always an outcome, never an exception.

Belongs here: what makes a try succeed. Does not belong here: many of them (`round.py`).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from quality_platform.collectors.probes.outcome import Outcome
from quality_platform.collectors.web.certificates import days_left_unverified
from quality_platform.collectors.web.get import MOST_REDIRECTS, Answer, Limits, UnansweredError, get
from quality_platform.errors import ConfigurationError
from quality_platform.model.live_sources import Probe

BODY_LIMIT = 1024 * 1024
"""Bytes of an answer that are looked through for the expected text."""

HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip"}


def attempt(probe: Probe, running: Mapping[str, int]) -> Outcome:
    """What the probe finds. `running` counts processes by name."""
    if probe.http is not None:
        return _http(probe, probe.http)
    if probe.tcp is not None:
        return _tcp(probe, probe.tcp)
    count = running.get(probe.process or "", 0)
    wanted = probe.expect.processes
    return Outcome(
        "process",
        probe.process or "",
        None if count >= wanted else f"{count} of {wanted} processes",
        processes=count,
    )


def unresolved(probe: Probe) -> Outcome:
    """What is said of a probe that did not come back in time: its name is still being looked up."""
    return Outcome("http" if probe.http else "tcp", _target(probe.http or f"//{probe.tcp}"), "the name is not known")


def _http(probe: Probe, url: str) -> Outcome:
    started = time.monotonic()
    limits = Limits(probe.timeout_seconds, BODY_LIMIT, MOST_REDIRECTS if probe.follow_redirects else 0)
    try:
        answer = get(url, limits, HEADERS, probe.ca_file)
    except (UnansweredError, ConfigurationError) as error:
        days = _days_of_refused(probe, url) if "certificate" in str(error) else None
        return Outcome("http", _target(url), str(error), certificate_days=days)
    return Outcome(
        "http",
        _target(url),
        _fault(probe, answer),
        (time.monotonic() - started) * 1e3,
        answer.status,
        answer.certificate_days,
    )


def _fault(probe: Probe, answer: Answer) -> str | None:
    wanted = probe.expect.status
    if answer.status not in wanted if wanted else not 200 <= answer.status < 400:
        return f"status {answer.status}"
    if probe.expect.body is not None and probe.expect.body.encode() not in answer.body:
        return "the expected text is not in the answer"
    return None


def _days_of_refused(probe: Probe, url: str) -> float | None:
    parts = urlsplit(url)
    return days_left_unverified(parts.hostname or "", parts.port or 443, probe.timeout_seconds)


def _tcp(probe: Probe, address: str) -> Outcome:
    host, _, port = address.rpartition(":")
    started = time.monotonic()
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=probe.timeout_seconds):
            return Outcome("tcp", _target(f"//{address}"), None, (time.monotonic() - started) * 1e3)
    except TimeoutError:
        return Outcome("tcp", _target(f"//{address}"), "timeout")
    except (OSError, OverflowError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        return Outcome("tcp", _target(f"//{address}"), reason.lower())


def _target(url: str) -> str:
    """Host and, where it is written, port."""
    return url.partition("//")[2].partition("/")[0].partition("?")[0].partition("#")[0].rpartition("@")[2]
