"""How a long verb ends when it is asked to: at once, whatever it waits for.

Python hears a signal between two of its instructions, and a query of DuckDB may be one of minutes. Nothing is lost
by ending hard, since every write is made to be killed in.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

GRACE = 10.0
"""Seconds in which the ordinary ending may happen."""


@contextmanager
def prompt(grace: float = GRACE) -> Iterator[None]:
    """While this lasts, SIGTERM and SIGINT end the process after `grace` seconds at the latest, by 143 and 130.

    Meant for the main thread. Dagster has handlers of its own, which note the signal and let the step go on.
    """
    heard, told = socket.socketpair()
    told.setblocking(False)
    # the C part of the handler writes the number there at once, while the part in Python still waits
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_listen, args=(heard, grace), daemon=True, name="ending").start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        told.close()


def _listen(heard: socket.socket, grace: float) -> None:
    with heard:
        while number := heard.recv(1):
            if number[0] in (signal.SIGTERM, signal.SIGINT):
                threading.Event().wait(grace)
                os._exit(128 + number[0])
