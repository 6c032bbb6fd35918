"""A channel's rate limit: a token bucket, told by one instant (the generic cell rate algorithm). Pure.

The instant is when the bucket will be full again. It is stored with the messages that it lets through, so that several
processes, and a process after a restart, share one limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` messages at once, then `per_second`."""

    per_second: float
    burst: int

    @property
    def reserved(self) -> int:
        """Tokens that only critical messages may take: a fifth."""
        return max(1, self.burst // 5) if self.burst > 1 else 0


def tokens(rate: Rate, full_at: datetime | None, now: datetime) -> int:
    """How many messages may be sent now, critical ones among them."""
    missing = 0.0 if full_at is None else max(0.0, (full_at - now).total_seconds() * rate.per_second)
    # a clock that was set back stops the channel no longer than an empty bucket does; instants are kept to 1 µs
    return max(0, math.floor(rate.burst - min(missing, float(rate.burst)) + 1e-6 * rate.per_second))


def spent(rate: Rate, full_at: datetime | None, now: datetime, count: int) -> datetime:
    """When the bucket is full again after `count` more messages."""
    longest = now + timedelta(seconds=rate.burst / rate.per_second)
    start = now if full_at is None else min(max(full_at, now), longest)
    return start + timedelta(seconds=count / rate.per_second)
