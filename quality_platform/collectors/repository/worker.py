"""The parent's side of a worker process: start it, give it a call, learn what became of the call.

Does not belong here: which call goes where (`pool.py`), or what the process does (`worker_program.py`).
"""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Pipe

from quality_platform.collectors.repository import worker_program
from quality_platform.errors import SourceError

START_SECONDS = 60.0
PATIENCE = 5.0
"""Times the limit of processor time that a call may take by the clock, on a machine that is busy."""

OUT_OF_TIME = {-getattr(signal, name, 0) for name in ("SIGXCPU", "SIGPROF")}

TIMEOUT = "timeout"
CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a module, its arguments, what the caller knows it by, and the processor time that it may take."""

    key: str
    function: Callable[..., object]
    arguments: tuple[object, ...]
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`value` is what the function returned; `failure` is None or one of timeout, crash, memory, error."""

    key: str
    value: object = None
    failure: str | None = None
    detail: str = ""


class Worker:
    """One process and the call that it is working on."""

    def __init__(self, memory: int, prepare: Callable[[], object]) -> None:
        self.call: Call | None = None
        self.deadline = math.inf
        self.connection, theirs = Pipe()
        with theirs:
            self.process = subprocess.Popen(
                # -P: a module that lies in the working folder is not imported
                [sys.executable, "-P", "-m", worker_program.__name__, str(theirs.fileno()), str(memory)],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        self.connection.send(prepare)

    def wait_ready(self) -> None:
        """Raises SourceError when the process does not come up."""
        try:
            if self.connection.poll(START_SECONDS) and self.connection.recv() == worker_program.READY:
                return
        except (EOFError, OSError):
            pass
        self.close()
        raise SourceError(
            f"The process that analyses files does not start (exit code {self.process.returncode}).",
            hint=f"Its output shows why; it is {sys.executable} -m {worker_program.__name__}.",
        )

    def take(self, call: Call) -> None:
        """Begin with `call`."""
        self.call = call
        self.deadline = time.monotonic() + call.seconds * PATIENCE
        try:
            self.connection.send((call.function, call.arguments, call.seconds))
        except OSError:
            self.deadline = 0.0  # it is gone, which `answer` finds out

    def answer(self) -> Answer:
        """What became of the call; the process is of no more use when it is a failure."""
        assert self.call is not None
        call, self.call = self.call, None
        key = call.key
        try:
            if not self.connection.poll():
                return Answer(key, failure=TIMEOUT, detail=f"no result within {call.seconds * PATIENCE:g} seconds")
            status, value = self.connection.recv()
        except (EOFError, OSError):
            return self._death(call)
        return Answer(key, value) if status == worker_program.DONE else Answer(key, failure=status, detail=str(value))

    def _death(self, call: Call) -> Answer:
        """The answer that the end of the process is."""
        self.process.kill()
        code = self.process.wait()
        if code in OUT_OF_TIME:
            detail = f"no result within {call.seconds:g} seconds of processor time"
            return Answer(call.key, failure=TIMEOUT, detail=detail)
        return Answer(call.key, failure=CRASH, detail=f"the process ended with code {code}")

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self.connection.close()
        self.process.kill()
        self.process.wait()
