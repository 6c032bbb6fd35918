"""A few worker processes that take calls; one that hangs or dies costs its own call and nothing else.

Belongs here: which worker takes which call, and replacing workers. Does not belong here: one worker (`worker.py`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from quality_platform.collectors.repository.worker import CRASH, Answer, Call, Worker


@dataclass(slots=True)
class Pool:
    """At most `size` workers, started when they are first needed.

    A call has processor time of its own, so that a busy machine changes no result, and a process `memory` bytes.
    """

    size: int
    prepare: Callable[[], object]
    memory: int
    idle: list[Worker] = field(default_factory=list)
    busy: list[Worker] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for member in (*self.idle, *self.busy):
            member.close()

    def map(self, calls: Iterable[Call]) -> Iterator[Answer]:
        """The answers to `calls`, as they come. A crash is tried once more: it may have been somebody's kill."""
        waiting = iter(calls)
        again: deque[Call] = deque()
        retried: set[str] = set()
        while True:
            self._assign(waiting, again)
            if not self.busy:
                return
            for member in self._finished():
                call, answer = member.call, member.answer()
                assert call is not None
                self._release(member, keep=answer.failure is None)
                if answer.failure == CRASH and call.key not in retried:
                    retried.add(call.key)
                    again.append(call)
                else:
                    yield answer

    def _assign(self, waiting: Iterator[Call], again: deque[Call]) -> None:
        """Give every free worker something to do, as long as there is anything."""
        calls = list(islice(chain(_drained(again), waiting), self.size - len(self.busy)))
        fresh = [Worker(self.memory, self.prepare) for _ in range(len(calls) - len(self.idle))]
        self.idle.extend(fresh)
        for member in fresh:
            member.wait_ready()
        for call in calls:
            member = self.idle.pop()
            self.busy.append(member)
            member.take(call)

    def _finished(self) -> list[Worker]:
        """Workers that have answered, died or run out of time."""
        by_connection: dict[object, Worker] = {member.connection: member for member in self.busy}
        left = min(member.deadline for member in self.busy) - time.monotonic()
        ready = wait([member.connection for member in self.busy], timeout=max(left, 0.0))
        now = time.monotonic()
        return [by_connection[item] for item in ready] or [member for member in self.busy if member.deadline <= now]

    def _release(self, member: Worker, *, keep: bool) -> None:
        self.busy.remove(member)
        if keep:
            self.idle.append(member)
        else:
            member.close()


def _drained(calls: deque[Call]) -> Iterator[Call]:
    while calls:
        yield calls.popleft()
