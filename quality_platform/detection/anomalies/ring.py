"""The newest values of a series, so many at most, and how they are written down."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Ring:
    """Keeps the newest `capacity` values, in the order of their arrival."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        # twice the room, so that values move once in `capacity` rows and are always one piece
        self._room: Floats = np.empty(2 * capacity)
        self._start = self._end = 0

    def __len__(self) -> int:
        return self._end - self._start

    def extend(self, values: Floats) -> None:
        """Take `values`, shape (n,)."""
        values = values[-self._capacity :]
        if self._end + len(values) > len(self._room):
            kept = self.values()[-(self._capacity - len(values)) :] if len(values) < self._capacity else values[:0]
            self._room[: len(kept)] = kept
            self._start, self._end = 0, len(kept)
        self._room[self._end : self._end + len(values)] = values
        self._end += len(values)
        self._start = max(self._start, self._end - self._capacity)

    def values(self) -> Floats:
        """What is kept, oldest first; a view."""
        return self._room[self._start : self._end]

    def state(self) -> dict[str, Any]:
        """The values exactly, in little-endian doubles as base64: a third of what digits take."""
        return {
            "capacity": self._capacity,
            "values": base64.b64encode(self.values().astype("<f8").tobytes()).decode(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The one with that `state()`."""
        found = cls(state["capacity"])
        found.extend(np.frombuffer(base64.b64decode(state["values"]), dtype="<f8"))
        return found
