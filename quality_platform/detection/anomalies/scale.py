"""Errors of a series looked at over some rows: one by one, or as the mean of a few.

A spike is in one row; what goes on for a while, but is no larger than single errors are, is in the mean of several
alone. Belongs here: one such width, its past and its tail. Does not belong here: when to speak (`alarm.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from quality_platform.detection.anomalies.ring import Ring
from quality_platform.detection.anomalies.tail import Tail, tail_of

Floats = NDArray[np.float64]

# Sizes that the tail is taken from.
REMEMBERED = 4_000
# It is taken anew when so large a share of them is new.
RENEWED = 80
# What makes the median of absolute values estimate a normal distribution's deviation.
MEDIAN_TO_SIGMA = 1.4826


class Scale:
    """Means of the newest `width` errors, and how large they usually are."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._before = np.full(width - 1, np.nan)
        self._sizes = Ring(REMEMBERED)
        self._new = 0
        self.tail: Tail | None = None
        self.sigma = 0.0

    def means(self, errors: Floats) -> Floats:
        """The mean that ends with each of the next `errors` (shape (n,)); NaN where one of them is."""
        whole = np.concatenate((self._before, errors))
        self._before = whole[len(whole) - self._width + 1 :]
        total = whole[: len(errors)].copy()
        for at in range(1, self._width):  # the same sums in the same order, however many rows come at once
            total += whole[at : at + len(errors)]
        return total / self._width

    def extend(self, sizes: Floats) -> None:
        """Take the sizes of usual means, shape (n,)."""
        self._sizes.extend(sizes)
        self._new += len(sizes)

    def renew(self, least: int) -> None:
        """Take the tail anew if there is enough that is new; the first when there are `least` sizes."""
        if len(self._sizes) >= least and (self.tail is None or self._new * RENEWED >= len(self._sizes)):
            self._new = 0
            known = self._sizes.values()
            self.tail = tail_of(known)
            self.sigma = MEDIAN_TO_SIGMA * float(np.median(known))

    def limit(self, p_value: float) -> float:
        """The size that is exceeded with this probability; inf as long as nothing is known."""
        return np.inf if self.tail is None else self.tail.limit(p_value)

    def state(self) -> dict[str, Any]:
        """All of it, as JSON can hold it."""
        tail = self.tail
        return {
            "width": self._width, "sizes": self._sizes.state(), "new": self._new, "sigma": self.sigma,
            "before": [None if np.isnan(error) else error for error in self._before.tolist()],
            "tail": None if tail is None else [tail.start, tail.share, tail.scale, tail.shape],
        }  # fmt: skip

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The one with that `state()`."""
        found = cls(state["width"])
        found._sizes, found._new, found.sigma = Ring.from_state(state["sizes"]), state["new"], state["sigma"]
        found._before = np.array(state["before"], dtype=np.float64)
        found.tail = None if state["tail"] is None else Tail(*state["tail"])
        return found
