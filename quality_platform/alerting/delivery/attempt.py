"""One attempt: send a leased message, and write down how it went.

Belongs here: what an answer means for the message. Does not belong here: choosing it (`deliver.py`).
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from quality_platform.alerting.delivery.backoff import REFUSALS, delay, given_up
from quality_platform.alerting.delivery.frozen import thaw
from quality_platform.errors import DeliveryError
from quality_platform.notifications.delivery import Sender
from quality_platform.state.database import State
from quality_platform.state.models import DeliveryRow, OutboxRow

# longer than any channel's own time limit; after it, a message of a process that died goes out again
LEASE = timedelta(seconds=60)
_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. `channel_down`: whether the failure speaks of the channel, not of the message."""

    result: Literal["delivered", "retry", "dead"]
    status: int | None
    detail: str
    channel_down: bool = False


def attempt(state: State, row: OutboxRow, sender: Sender | None, clock: Clock) -> Outcome:
    """Send the leased `row` and record it. Raises StateError when that cannot be written: then it is sent again."""
    started_at, started = clock(), time.monotonic()
    answer = _send(row, sender)
    seconds = time.monotonic() - started
    with state.write() as session:
        current = session.get_one(OutboxRow, row.position, with_for_update=True)
        if isinstance(answer, Outcome):
            _succeed(current, clock())
            outcome = answer
        else:
            outcome = _fail(current, answer, clock(), held=current.lease_until == row.lease_until)
        session.add(_delivery(row, outcome, started_at, seconds))
    return outcome


def _send(row: OutboxRow, sender: Sender | None) -> Outcome | DeliveryError:
    if sender is None:
        return DeliveryError(
            f"There is no channel {row.channel!r}.", retry=False, hint="Configure it, then replay the message."
        )
    try:
        receipt = sender(thaw(row.payload, row.message_id, row.created_at))
    except DeliveryError as error:
        return error
    except Exception as error:
        # its text may hold what the channel keeps secret: the log's reader sees the kind and the place
        _log.exception("The sender of channel %s failed.", row.channel)
        return DeliveryError(f"The sender failed: {type(error).__name__}.", retry=False)
    return Outcome("delivered", receipt.status, receipt.detail)


def _succeed(row: OutboxRow, now: datetime) -> None:
    row.state, row.delivered_at = "delivered", now
    row.lease_until = row.last_error = row.last_status = None


def _fail(row: OutboxRow, error: DeliveryError, now: datetime, *, held: bool) -> Outcome:
    """Put the message back or give it up; a message whose lease was lost is another's to put back."""
    if held:
        row.refusals += 0 if error.retry else REFUSALS if _for_good(error) else 1
        row.lease_until, row.last_status, row.last_error = None, error.status, str(error)
        row.state = "dead" if given_up(row.refusals, now, row.expires_at) else "pending"
        wait = delay(row.attempts, random.random(), error.retry_after)  # noqa: S311
        row.next_at = min(now + wait, row.expires_at)
    result: Literal["retry", "dead"] = "dead" if row.state == "dead" else "retry"
    return Outcome(result, error.status, str(error), channel_down=error.retry)


def _for_good(error: DeliveryError) -> bool:
    """Whether once is enough: a permanent answer of SMTP (RFC 5321, 4.2.1), after which some may have got it."""
    return error.status is not None and error.status >= 500


def _delivery(row: OutboxRow, outcome: Outcome, started_at: datetime, seconds: float) -> DeliveryRow:
    delivered = outcome.result == "delivered"
    return DeliveryRow(
        message_id=row.message_id, channel=row.channel, attempt=row.attempts, started_at=started_at, seconds=seconds,
        outcome="delivered" if delivered else "failed", status=outcome.status,
        error=None if delivered else outcome.detail,
    )  # fmt: skip
