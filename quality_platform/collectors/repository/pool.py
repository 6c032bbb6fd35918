"""A few worker processes that take calls; one that hangs or dies costs its own call and nothing else.

Belongs here: starting, feeding, timing and replacing workers. Does not belong here: what they do (`worker.py`).
"""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing.connection import Pipe, wait
from types import TracebackType
from typing import Self

from quality_platform.collectors.repository import worker
from quality_platform.errors import SourceError

START_SECONDS = 60.0
PATIENCE = 5.0
"""Times the limit of processor time that a call may take by the clock, on a machine that is busy."""

TIMEOUT = "timeout"
CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a module, its arguments, and what the caller knows it by."""

    key: str
    function: Callable[..., object]
    arguments: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """`value` is what the function returned; `failure` is None or one of timeout, crash, memory, error."""

    key: str
    value: object = None
    failure: str | None = None
    detail: str = ""


class Worker:
    """One process and the call that it is working on."""

    def __init__(self, memory: int, seconds: float, prepare: Callable[[], object]) -> None:
        self.seconds = seconds
        self.call: Call | None = None
        self.deadline = math.inf
        self.connection, theirs = Pipe()
        with theirs:
            self.process = subprocess.Popen(
                # -P: a module that lies in the working folder is not imported
                [sys.executable, "-P", "-m", worker.__name__, str(theirs.fileno()), str(memory), str(seconds)],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        self.connection.send(prepare)

    def wait_ready(self) -> None:
        """Raises SourceError when the process does not come up."""
        try:
            if self.connection.poll(START_SECONDS) and self.connection.recv() == worker.READY:
                return
        except (EOFError, OSError):
            pass
        self.close()
        raise SourceError(
            f"The process that analyses files does not start (exit code {self.process.returncode}).",
            hint=f"Its output shows why; it is {sys.executable} -m {worker.__name__}.",
        )

    def take(self, call: Call) -> None:
        """Begin with `call`."""
        self.call = call
        self.deadline = time.monotonic() + self.seconds * PATIENCE
        try:
            self.connection.send((call.function, call.arguments))
        except OSError:
            self.deadline = 0.0  # it is gone, which `answer` finds out

    def answer(self) -> Answer:
        """What became of the call; the process is of no more use when it is a failure."""
        assert self.call is not None
        key, self.call = self.call.key, None
        try:
            if not self.connection.poll():
                return Answer(key, failure=TIMEOUT, detail=f"no result within {self.seconds * PATIENCE:g} seconds")
            status, value = self.connection.recv()
        except (EOFError, OSError):
            return self._death(key)
        return Answer(key, value) if status == worker.DONE else Answer(key, failure=status, detail=str(value))

    def _death(self, key: str) -> Answer:
        """The answer that the end of the process is."""
        self.process.kill()
        code = self.process.wait()
        if code == -getattr(signal, "SIGXCPU", 0):
            return Answer(key, failure=TIMEOUT, detail=f"no result within {self.seconds:g} seconds of processor time")
        return Answer(key, failure=CRASH, detail=f"the process ended with code {code}")

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self.connection.close()
        self.process.kill()
        self.process.wait()


@dataclass(slots=True)
class Pool:
    """At most `size` workers, started when they are first needed.

    A call has `seconds` of processor time, so that a busy machine changes no result, and a process `memory` bytes.
    """

    size: int
    prepare: Callable[[], object]
    seconds: float
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
        fresh = [Worker(self.memory, self.seconds, self.prepare) for _ in range(len(calls) - len(self.idle))]
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
