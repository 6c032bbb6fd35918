"""How long to wait before the next attempt, and when to give up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

DELAYS = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
LONGEST = 300.0
LONGEST_PAUSE = 3600.0
# what a receiver says about this very message; a deployment in progress may say it once or twice by mistake
REFUSALS = 3


def delay(attempts: int, jitter: float, retry_after: float | None = None) -> timedelta:
    """The wait after so many attempts: 1, 2, 4, 8, 15, 30, 60 s, then doubled up to 5 minutes.

    `jitter` in [0, 1) spreads it by ±20 per cent, so that what failed together does not come back together.
    `retry_after` (seconds) is what the receiver asked for, an hour at most; the longer wait counts.
    """
    seconds = DELAYS[attempts] if attempts < len(DELAYS) else 60.0 * 2.0 ** min(attempts - len(DELAYS) + 1, 10)
    spread = min(seconds, LONGEST) * (0.8 + 0.4 * jitter)
    return timedelta(seconds=max(spread, min(retry_after or 0.0, LONGEST_PAUSE)))


def given_up(refusals: int, now: datetime, expires_at: datetime) -> bool:
    """Whether a message that has just failed again becomes a dead letter."""
    return refusals >= REFUSALS or now >= expires_at
