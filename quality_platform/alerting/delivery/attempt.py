"""One attempt: send a leased message, and say what its answer means for it.

Belongs here: what is true of a single message. Does not belong here: choosing it, writing it down (`turn.py`), what its
answer means for the channel (`circuit.py`).
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from quality_platform.alerting.delivery.backoff import REFUSALS, delay, given_up
from quality_platform.alerting.delivery.circuit import gone
from quality_platform.alerting.delivery.frozen import thaw
from quality_platform.errors import DeliveryError
from quality_platform.notifications.delivery import Receipt, Sender
from quality_platform.state.outbox import Failed, Leased

_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message that was sent, when, for how many seconds, and the answer."""

    message: Leased
    started_at: datetime
    seconds: float
    answer: Receipt | DeliveryError


def attempt(message: Leased, sender: Sender | None, clock: Clock) -> Attempt:
    """Send `message`. Never raises: whatever goes wrong is the answer."""
    started_at, started = clock(), time.monotonic()
    answer = _send(message, sender)
    return Attempt(message, started_at, time.monotonic() - started, answer)


def _send(message: Leased, sender: Sender | None) -> Receipt | DeliveryError:
    if sender is None:
        return DeliveryError(
            f"There is no channel {message.channel!r}.", retry=False, hint="Configure it, then replay the message."
        )
    try:
        return sender(thaw(message.payload, message.message_id, message.created_at, message.attempts))
    except DeliveryError as error:
        return error
    except Exception as error:
        # its text may hold what the channel keeps secret: the log's reader sees the kind and the place
        _log.exception("The sender of channel %s failed.", message.channel)
        return DeliveryError(f"The sender failed: {type(error).__name__}.", retry=False)


def failure(message: Leased, error: DeliveryError, now: datetime) -> Failed:
    """Whether the message is tried again, and when."""
    refusals = message.refusals + (0 if error.retry else REFUSALS if _for_good(error) else 1)
    wait = delay(message.attempts, random.random(), error.retry_after)  # noqa: S311
    return Failed(
        message, given_up(refusals, now, message.expires_at), refusals, min(now + wait, message.expires_at),
        error.status, str(error),
    )  # fmt: skip


def _for_good(error: DeliveryError) -> bool:
    """Whether once is enough: 410, or a permanent answer of SMTP (RFC 5321, 4.2.1): some may have got it."""
    return gone(error) or (error.status is not None and error.status >= 500)


def record(done: Attempt) -> dict[str, object]:
    """The row of `deliveries` about it."""
    answer, message = done.answer, done.message
    failed = isinstance(answer, DeliveryError)
    return {
        "message_id": message.message_id, "channel": message.channel, "attempt": message.attempts,
        "started_at": done.started_at, "seconds": done.seconds, "outcome": "failed" if failed else "delivered",
        "status": answer.status, "error": str(answer) if failed else None,
    }  # fmt: skip
