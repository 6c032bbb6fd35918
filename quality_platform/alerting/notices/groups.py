"""When a group of messages is sent: the first news at once, a few more at once, then ever more seldom. Pure.

Alertmanager waits before the first message; we send the first and collect what follows. A group that stays busy is sent
every second, so that a storm becomes few messages and nothing is late; where its route asks for a longer interval,
after 1, 2, 4, … seconds up to that. What is critical, or over, never waits longer than a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FREE = 10
"""Messages of a group that go at once after it was quiet."""

QUIET = timedelta(seconds=30)
"""A group that nothing was sent of for so long is quiet: the next news is a first one."""

SHORTEST = timedelta(seconds=1)
INTERVAL = SHORTEST


@dataclass(frozen=True, slots=True)
class Pace:
    """When a group was sent last, how often since it was quiet, and what its route says."""

    flushed_at: datetime | None = None
    burst: int = 0
    wait: timedelta = timedelta(0)
    interval: timedelta = INTERVAL

    def is_quiet(self, now: datetime) -> bool:
        """Whether it has been sent so long ago that the next news is a first one."""
        return self.flushed_at is None or now - self.flushed_at >= max(self.interval, QUIET)

    def flush_at(self, now: datetime, *, urgent: bool) -> datetime:
        """When news that came at `now` is to be sent. `urgent`: something critical, or the end of an alert."""
        if self.is_quiet(now):
            return now + (timedelta(0) if urgent else min(self.wait, timedelta(seconds=3)))
        if self.burst < FREE or self.flushed_at is None:
            return now
        last = min(self.flushed_at, now)  # the clock may have been set back since
        grown = min(SHORTEST * 2 ** min(self.burst - FREE, 10), max(self.interval, SHORTEST))
        return max(now, last + (SHORTEST if urgent else grown))

    def flushed(self, now: datetime) -> int:
        """How many messages there have been since it was quiet, with the one that is sent at `now`."""
        return 1 if self.is_quiet(now) else self.burst + 1
