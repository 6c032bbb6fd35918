"""The program of a worker process: it takes one call after the other and answers each.

Hostile content can make a parser loop or take all memory. So a worker is a process of its own that can be
killed, has a limit of memory, and ends when its parent does. It is started as a program: a forked process would
inherit the lake's connections and locks, and multiprocessing's spawn would import the parent's main module.
Does not belong here: what is called (`analysis.py`, `coverage/data.py`).
"""

from __future__ import annotations

import logging
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

READY = "ready"
DONE = "done"
MEMORY = "memory"
ERROR = "error"


def main(descriptor: int, memory: int) -> None:
    """Serve the connection on file `descriptor` until it is closed, within `memory` bytes."""
    _isolate(memory)
    with suppress(EOFError, OSError), Connection(descriptor) as connection:
        prepare = connection.recv()
        prepare()
        connection.send(READY)
        while True:
            function, arguments, seconds = connection.recv()
            _limit_processor(seconds)
            connection.send(_answer(function, arguments))


def _isolate(memory: int) -> None:
    # Ctrl-C reaches the whole group; the parent decides what happens then
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # parsers warn about the code they read, which is nobody's business here
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    # radon and bandit walk recursively; the default of 1,000 ends at 500 chained elifs
    sys.setrecursionlimit(5000)
    with suppress(ImportError, ValueError, OSError):  # not every system has or enforces them
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _limit_processor(seconds: float) -> None:
    """The kernel ends a call that takes more, also when the parent was killed and cannot do so any more."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(usage.ru_utime + usage.ru_stime + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        # the limit knows whole seconds only; the timer, whose signal ends the process, knows parts of them
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _answer(function: Callable[..., object], arguments: tuple[object, ...]) -> tuple[str, object]:
    try:
        return DONE, function(*arguments)
    except MemoryError:
        return MEMORY, ""
    except Exception as error:
        return ERROR, f"{type(error).__name__}: {error}"[:500]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
