"""How often somebody may ask: a bucket of tokens for each, in memory, bounded.

Belongs here: counting. Does not belong here: who somebody is, what is answered (`bearer.py`).
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_BUCKETS = 10_000


class Rate:
    """Buckets of `burst` requests, filled again with `per_second`."""

    def __init__(self, *, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> int:
        """0 when `who` may go on; else the seconds until then, at least 1."""
        left = self._left(who)
        if left < 1:
            return max(1, math.ceil((1 - left) / self._per_second))
        self._buckets[who] = (left - 1, self._clock())
        self._buckets.move_to_end(who)
        if len(self._buckets) > MOST_BUCKETS:
            # who has not asked for longest has the fullest bucket
            self._buckets.popitem(last=False)
        return 0

    def _left(self, who: str) -> float:
        left, since = self._buckets.get(who, (float(self._burst), self._clock()))
        return min(self._burst, left + (self._clock() - since) * self._per_second)
