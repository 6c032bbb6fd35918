"""Threads that send the messages of one channel side by side.

Belongs here: handing out work and gathering what is done. Does not belong here: what the work is. The threads are
daemons: a receiver that hangs must not hold up the end of the process.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

Task = TypeVar("Task")
Done = TypeVar("Done")

# together, what is done within this time is written down together
GATHER_SECONDS = 0.025
NAP_SECONDS = 0.005


class Crew(Generic[Task, Done]):
    """At most `size` threads; one is started when there is more work than threads. For one owner."""

    def __init__(self, work: Callable[[Task], Done], size: int, name: str) -> None:
        self._work = work
        self._size = size
        self._name = name
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Done | None] = queue.SimpleQueue()
        self._threads = 0
        self.outstanding = 0
        """Tasks handed out whose end has not been gathered."""
        self._poked = False

    def hand(self, tasks: Iterable[Task]) -> None:
        """Hand out work; `work` must not raise."""
        for task in tasks:
            self.outstanding += 1
            self._tasks.put(task)
            if self._threads < min(self.outstanding, self._size):
                self._threads += 1
                threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def gather(self, enough: int, seconds: float) -> list[Done]:
        """What is done: waits for the first, then a moment for more, until there are `enough`.

        Returns early when poked, after `seconds` without any, and at once when nothing is outstanding.
        """
        self._poked = False
        if not self.outstanding:
            return []
        found = self._next(seconds)
        end = time.monotonic() + GATHER_SECONDS
        while found and self.outstanding and len(found) < enough and not self._poked:
            left = end - time.monotonic()
            if left <= 0:
                break
            if self.outstanding > self._size:
                # every thread has work: to be woken by each of them would take the time that they need
                time.sleep(min(left, NAP_SECONDS))
                left = 0.0
            found += self._next(left)
        return found

    def _next(self, seconds: float) -> list[Done]:
        """What is done, at least one if that comes within `seconds`."""
        found: list[Done] = []
        try:
            while (done := self._done.get(timeout=0.0 if found else seconds)) is not None:
                found.append(done)
                self.outstanding -= 1
            self._poked = True
        except queue.Empty:
            pass
        return found

    def withdraw(self) -> list[Task]:
        """Take back the work that nobody has begun."""
        found: list[Task] = []
        while True:
            try:
                task = self._tasks.get_nowait()
            except queue.Empty:
                break
            if task is not None:
                found.append(task)
        self.outstanding -= len(found)
        return found

    def poke(self) -> None:
        """Let `gather` return at once. From any thread."""
        self._done.put(None)

    def dismiss(self) -> None:
        """Let the threads end when they have done what they were handed."""
        for _ in range(self._threads):
            self._tasks.put(None)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            self._done.put(self._work(task))
