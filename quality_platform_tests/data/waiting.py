"""Waiting for what other threads and processes do: until it is so, however busy the machine.

Belongs here: the one limit after which a test gives up. Does not belong here: what is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable

WAIT_SECONDS = 120.0
"""Until a test gives up. What is waited for takes seconds; the rest is for machines with other things to do."""


def until(met: Callable[[], object], found: Callable[[], object] = lambda: "waited in vain") -> None:
    """Return once `met()` is true; AssertionError with what was `found` instead when that takes too long."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not met():
        assert time.monotonic() < deadline, found()
        time.sleep(0.02)
