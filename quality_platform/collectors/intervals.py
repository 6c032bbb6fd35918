"""When something that is asked on an interval is due again.

Belongs here: the one rule, so that whoever looks (the live service, Dagster's sensor) asks no more often than was
configured: the instant of the last time stands in the newest batch. Does not belong here: who looks, and when.
"""

from __future__ import annotations

SLACK = 500_000
"""Microseconds that a look may come early: whoever looks every second must not miss every second turn."""


def is_due(last: object, now: int, seconds: float) -> bool:
    """Whether `seconds` have passed since `last`; both instants in microseconds since 1970.

    A clock that was set back makes it due, instead of silent until the clock is there again.
    """
    return not isinstance(last, int) or not 0 <= now - last < seconds * 1e6 - SLACK
