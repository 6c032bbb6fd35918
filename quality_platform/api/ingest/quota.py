"""How much a project may send: items of each category in a minute, from the section `quota` of its configuration.

Belongs here: counting. Does not belong here: how a client is told (its door).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping

WINDOW_SECONDS = 60

Limits = Callable[[str], Mapping[str, int]]
"""Items a minute by category for a project; a category that is absent is unlimited, `total` limits all together."""


class Quota:
    """Counts in windows of a minute; a refused request counts for nothing."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._window = 0
        self._counts: dict[tuple[str, str], int] = {}

    def exceeded(self, project: str, items: Mapping[str, int]) -> Collection[str]:
        """Categories of `items` that the project may not send now; the others are counted."""
        limits = self._limits(project)
        if not limits:
            return ()
        window = int(self._clock() // WINDOW_SECONDS)
        if window != self._window:
            self._window, self._counts = window, {}
        over = [category for category, n in items.items() if self._over(project, category, n, limits)]
        for category, n in items.items():
            if category not in over:
                self._count(project, category, n)
        return over

    def seconds_left(self) -> int:
        """Seconds until the window ends."""
        return WINDOW_SECONDS - int(self._clock() % WINDOW_SECONDS)

    def _over(self, project: str, category: str, n: int, limits: Mapping[str, int]) -> bool:
        return any(
            name in limits and self._counts.get((project, name), 0) + n > limits[name] for name in (category, "total")
        )

    def _count(self, project: str, category: str, n: int) -> None:
        for name in (category, "total"):
            self._counts[project, name] = self._counts.get((project, name), 0) + n
