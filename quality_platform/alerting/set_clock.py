"""Whether the wall clock was set, as a process that lives on can tell: by the clock that nobody can set.

Belongs here: noticing. Does not belong here: what follows for what is stored (`unwinding.py`).
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

DRIFT = timedelta(seconds=2)
"""By so much clocks are corrected all the time."""


class SetClock:
    """Remembers how far the wall clock was ahead of the monotonic one when `settle` was called last."""

    def __init__(self) -> None:
        self._offset: float | None = None

    def moved(self, now: datetime) -> timedelta | None:
        """By how much it was set since it was settled, negative for back; zero for no more than `DRIFT`.

        None before: nobody knows what happened. A machine that slept looks as if its clock was set forward.
        """
        if self._offset is None:
            return None
        moved = timedelta(seconds=_offset(now) - self._offset)
        return moved if abs(moved) > DRIFT else timedelta(0)

    def settle(self, now: datetime) -> None:
        """What follows is done; until then `moved` says the same, so that a failure on the way forgets nothing."""
        self._offset = _offset(now)


def _offset(now: datetime) -> float:
    return now.timestamp() - time.monotonic()
