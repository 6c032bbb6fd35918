"""How long to wait before the next attempt, when to give up, when to ask a channel that is down again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

DELAYS = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
LONGEST = 300.0
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 3600.0
# what a receiver says about this very message; a deployment in progress may say it once or twice by mistake
REFUSALS = 3
# a receiver that comes back within a minute is asked every second: its backlog must not wait two
SHORTEST_PROBE, LONGEST_PROBE = 1.0, 10.0


def delay(attempts: int, jitter: float, retry_after: float | None = None) -> timedelta:
    """The wait after so many attempts: 1, 2, 4, 8, 15, 30, 60 s, then doubled up to 5 minutes.

    `jitter` in [0, 1) spreads it by ±20 per cent, so that what failed together does not come back together.
    `retry_after` (seconds) is what the receiver asked for, an hour at most; the longer wait counts.
    """
    seconds = DELAYS[attempts] if attempts < len(DELAYS) else 60.0 * 2.0 ** min(attempts - len(DELAYS) + 1, 10)
    spread = min(seconds, LONGEST) * (0.8 + 0.4 * jitter)
    return timedelta(seconds=max(spread, 0.0 if retry_after is None else pause(retry_after).total_seconds()))


def pause(retry_after: float) -> timedelta:
    """What a receiver asked for in seconds, between a second and an hour."""
    return timedelta(seconds=min(max(retry_after, SHORTEST_PAUSE), LONGEST_PAUSE))


def probe(down_for: timedelta) -> timedelta:
    """The wait before a channel is asked whether it is back: a second in the first minute, ten after ten minutes."""
    return timedelta(seconds=min(max(down_for.total_seconds() / 60.0, SHORTEST_PROBE), LONGEST_PROBE))


def given_up(refusals: int, now: datetime, expires_at: datetime) -> bool:
    """Whether a message that has just failed again becomes a dead letter."""
    return refusals >= REFUSALS or now >= expires_at
