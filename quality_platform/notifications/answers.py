"""What a receiver's HTTP status means for a delivery: done, try again, or give up."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from quality_platform.errors import DeliveryError
from quality_platform.model.time import as_utc

# The receiver says "later"; any other 4xx says "not this message".
RETRIED = frozenset({408, 425, 429})
WORD = re.compile(r"[a-z_]{2,60}")
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 3600.0


def refusal(host: str, status: int, body: bytes, retry_after: str | None, now: datetime) -> DeliveryError | None:
    """None for 2xx; else the error, with `retry` and, where the receiver names one, the pause in seconds.

    Of the body only a single word, such as Slack's `channel_not_found`, enters the message: more may be
    somebody else's page.
    """
    if 200 <= status < 300:
        return None
    word = body.decode("ascii", "replace").strip()
    said = f"{host} answered {status}" + (f" ({word})" if WORD.fullmatch(word) else "")
    if 300 <= status < 400:
        return DeliveryError(f"{said}, a redirect.", retry=False, status=status, hint="Enter the final URL.")
    if status in RETRIED or status >= 500:
        return DeliveryError(f"{said}.", retry=True, status=status, retry_after=pause(retry_after, now))
    hint = "The receiver is gone for good: remove the channel." if status == 410 else None
    return DeliveryError(f"{said}.", retry=False, status=status, hint=hint)


def pause(retry_after: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header (RFC 9110, 10.2.3: seconds or a date) asks for, between 1 s and 1 h."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            seconds = (as_utc(parsedate_to_datetime(text)) - as_utc(now)).total_seconds()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, SHORTEST_PAUSE), LONGEST_PAUSE)
