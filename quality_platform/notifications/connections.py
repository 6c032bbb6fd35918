"""Connections that are kept for the next request: shaking hands costs more than a message.

Belongs here: which connection may be used again. A kept connection goes to the address that was vetted when it was
opened; it is not kept long, so that a name that has moved is looked up and vetted anew. Does not belong here: opening
(`stream.py`).
"""

from __future__ import annotations

import threading
import time
import weakref
from dataclasses import dataclass, field

from quality_platform.notifications.stream import BoundedStream

# servers hang up after 5 s of silence, some after 2; asking one that is about to is a race
IDLE_SECONDS = 1.5
LONGEST_SECONDS = 60.0
# in the middle of a burst nobody hangs up, and each look lets another thread in between
UNASKED_SECONDS = 0.02
MOST_IDLE = 64

Origin = tuple[bool, str, int]
"""Whether encrypted, host, port."""


@dataclass(slots=True)
class Kept:
    """A connection, when it was opened and when it was used last (seconds of the monotonic clock)."""

    stream: BoundedStream
    opened: float
    used: float = field(default_factory=time.monotonic)


class Connections:
    """Idle connections by origin. Safe to share by threads; closes what it holds when it is forgotten."""

    def __init__(self) -> None:
        self._idle: dict[Origin, list[Kept]] = {}
        self._lock = threading.Lock()
        weakref.finalize(self, _close, self._idle)

    def take(self, origin: Origin) -> Kept | None:
        """A connection that is still open, the one used last first."""
        while True:
            with self._lock:
                stack = self._idle.get(origin)
                kept = stack.pop() if stack else None
            if kept is None or self._good(kept):
                return kept
            kept.stream.close()

    def give(self, origin: Origin, kept: Kept) -> None:
        """Keep a connection whose answer was read to its end."""
        kept.used = time.monotonic()
        with self._lock:
            stack = self._idle.setdefault(origin, [])
            stack.append(kept)
            surplus = stack.pop(0) if len(stack) > MOST_IDLE else None
        if surplus is not None:
            surplus.stream.close()

    def sweep(self, *, everything: bool = False) -> bool:
        """Close what has been idle too long, or all; returns whether any is left."""
        with self._lock:
            for origin, stack in list(self._idle.items()):
                old = [kept for kept in stack if everything or not _fresh(kept, time.monotonic())]
                stack[:] = [kept for kept in stack if kept not in old]
                for kept in old:
                    kept.stream.close()
                if not stack:
                    del self._idle[origin]
            return bool(self._idle)

    @staticmethod
    def _good(kept: Kept) -> bool:
        now = time.monotonic()
        return _fresh(kept, now) and (now - kept.used < UNASKED_SECONDS or kept.stream.is_quiet)


def _fresh(kept: Kept, now: float) -> bool:
    return now - kept.used < IDLE_SECONDS and now - kept.opened < LONGEST_SECONDS


def _close(idle: dict[Origin, list[Kept]]) -> None:
    for stack in idle.values():
        for kept in stack:
            kept.stream.close()
