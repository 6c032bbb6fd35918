"""Publish and subscribe within a process: who publishes never waits, who is slow is cut off and told so.

Belongs here: the queues. Does not belong here: what is published.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_WAITING = 64


class CutOffError(Exception):
    """The subscriber took too long: what it had not taken is gone, and it gets nothing more."""


class Subscription(Generic[T]):
    """What waits for one subscriber, within bounds."""

    def __init__(self, hub: Hub[T], wake: Callable[[], object], most: int, most_weight: int) -> None:
        self._hub = hub
        self._wake = wake
        self._most = most
        self._most_weight = most_weight
        self._lock = threading.Lock()
        self._waiting: deque[T] = deque()
        self._weight = 0
        self._is_cut_off = False

    def take(self) -> list[T]:
        """All that waits, perhaps nothing. Raises CutOffError, from then on every time."""
        with self._lock:
            if self._is_cut_off:
                raise CutOffError
            found, self._weight = list(self._waiting), 0
            self._waiting.clear()
            return found

    def cut_off(self) -> None:
        """Let go of what waits; the next `take` says so."""
        with self._lock:
            self._is_cut_off = True
            self._waiting.clear()
        self._wake()

    def close(self) -> None:
        """Get nothing more."""
        self._hub.leave(self)

    def offer(self, item: T, weight: int) -> bool:
        """Take `item` in; False when there is no room for it."""
        with self._lock:
            fits = len(self._waiting) < self._most and (not self._waiting or self._weight + weight <= self._most_weight)
            if fits:
                self._waiting.append(item)
                self._weight += weight
        if fits:
            self._wake()
        return fits


class Hub(Generic[T]):
    """One stream of items to many subscribers. Safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscriptions: tuple[Subscription[T], ...] = ()

    def __len__(self) -> int:
        return len(self._subscriptions)

    def subscribe(
        self, wake: Callable[[], object], *, most: int = MOST_WAITING, most_weight: int = 1_000_000
    ) -> Subscription[T]:
        """A subscription from now on: at most `most` items, weighing at most `most_weight` together, wait in it; a
        single item may weigh more. `wake` is called, in the publisher's thread, when there is something to `take`; it
        must not wait."""
        found = Subscription(self, wake, most, most_weight)
        with self._lock:
            self._subscriptions = (*self._subscriptions, found)
        return found

    def publish(self, item: T, weight: int = 1) -> int:
        """Give `item` to everybody; returns how many were cut off because they had no room for it."""
        slow = [each for each in self._subscriptions if not each.offer(item, weight)]
        for each in slow:
            self.leave(each)
            each.cut_off()
        return len(slow)

    def leave(self, subscription: Subscription[T]) -> None:
        """Forget a subscriber."""
        with self._lock:
            self._subscriptions = tuple(each for each in self._subscriptions if each is not subscription)
