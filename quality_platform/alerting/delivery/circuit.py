"""The circuit of a channel: after failures in a row nothing is sent but one message now and then, until one arrives.

Pure: changes the row it is given, and no database. `retry_at` is when the channel is asked again; while it is set,
nothing else is sent. A channel may be `unhealthy` with its circuit closed: it answers, and says no.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from quality_platform.alerting.delivery.backoff import pause, probe
from quality_platform.errors import DeliveryError
from quality_platform.state.models import ChannelHealthRow

FAILURES = 3
GONE = 410
# when the channel last answered is good to know, but not to the millisecond: each note is a write
_NOTED = timedelta(seconds=1)


def arrived(health: ChannelHealthRow, now: datetime) -> bool:
    """A message arrived; returns whether the channel is back, so that what failed with it need not wait any longer."""
    if health.state == "disabled":
        return False
    back = health.retry_at is not None
    _become(health, "healthy", now)
    if health.failures or back:
        health.failures, health.retry_at = 0, None
    if health.last_ok_at is None or now - health.last_ok_at >= _NOTED:
        health.last_ok_at = now
    return back


def failed(health: ChannelHealthRow, error: DeliveryError, now: datetime, *, dead: bool) -> None:
    """A message did not arrive; `dead` when it was given up by that."""
    health.last_status, health.last_error = error.status, str(error)
    if health.state == "disabled":
        return
    if gone(error):
        _become(health, "disabled", now)
        health.retry_at = None
    elif error.retry:
        _count(health, error, now)
    else:
        if dead:
            _become(health, "unhealthy", now)
        if health.retry_at is not None:  # it answers, but not as one that is back
            health.retry_at = now + probe(now - health.since)


def gone(error: DeliveryError) -> bool:
    """Whether the receiver says that it is gone for good."""
    return error.status == GONE and not error.retry


def _count(health: ChannelHealthRow, error: DeliveryError, now: datetime) -> None:
    health.failures += 1
    if health.failures >= FAILURES:
        _become(health, "unhealthy", now)
    wait = timedelta(0)
    if health.failures >= FAILURES:
        wait = probe(now - health.since)
    if error.retry_after is not None:  # it asks to be left alone, whatever the message
        wait = max(wait, pause(error.retry_after))
    if wait:
        health.retry_at = now + wait


def _become(health: ChannelHealthRow, state: str, now: datetime) -> None:
    if health.state != state:
        health.state, health.since = state, now
