"""Starting the drain when something waits, and again when it dies; hearing how far it is.

Belongs here: the process's life, seen from the API process. Does not belong here: what it does (`process.py`).
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any

import orjson

from quality_platform.settings import Settings

LOG = logging.getLogger(__name__)
MOST_BACKOFF_SECONDS = 30.0
STOP_SECONDS = 10.0

Heard = Callable[[Mapping[str, Any]], None]


class Supervisor:
    """One drain process at a time. `heard` gets every message of it, in the supervisor's thread."""

    def __init__(self, settings: Settings, heard: Heard, *, stays: bool = False) -> None:
        """`stays` keeps a drain running although the spool is empty, for its other work."""
        self._settings = settings
        self._heard = heard
        self._stays = stays
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._accepted = threading.Event()
        self._bell, self._ring = Pipe(duplex=False)
        self._ending = False
        self._failures = 0
        self._not_before = 0.0
        self._drained = 0
        self._last = 0
        self._asked = False
        self._thread = threading.Thread(target=self._run, name="drain supervisor", daemon=True)

    def start(self, last: int) -> None:
        """Begin; `last` is the newest place of the spool, which may wait from before."""
        self._last = last
        self._thread.start()

    def accepted(self, last: int) -> None:
        """Something is durable up to the place `last`. Called by the spool's thread; waits for nobody."""
        self._last = last
        if not self._accepted.is_set():
            self._accepted.set()
            self._ring.send_bytes(b"!")

    @property
    def alive(self) -> bool:
        """Whether a drain process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Process id of the drain; None when none runs."""
        return self._process.pid if self._process is not None and self.alive else None

    def stop(self, *, drain_seconds: float = STOP_SECONDS) -> None:
        """Let the drain finish what is durable, then end it."""
        deadline = time.monotonic() + drain_seconds
        while self._drained < self._last and time.monotonic() < deadline:
            time.sleep(0.02)
        self._ending = True
        self._ring.send_bytes(b"!")
        self._thread.join(5)
        self._close_pipe()
        if self._process is not None:
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _run(self) -> None:
        while not self._ending:
            self._keep_running()
            ready = wait([each for each in (self._bell, self._pipe) if each is not None], self._patience())
            if self._bell in ready:
                self._bell.recv_bytes()
                self._accepted.clear()
            if self._pipe is not None and self._pipe in ready:
                self._listen(self._pipe)
            self._wake()

    def _patience(self) -> float | None:
        """How long to wait when nothing happens: for ever, unless a drain is to be started later."""
        return max(0.05, self._not_before - time.monotonic()) if self._wanted() and self._pipe is None else None

    def _wanted(self) -> bool:
        return self._stays or self._drained < self._last

    def _keep_running(self) -> None:
        if self._pipe is None and self._wanted() and time.monotonic() >= self._not_before and not self._ending:
            self._start()

    def _start(self) -> None:
        ours, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "quality_platform.api.drain", str(theirs.fileno())],
            env={**os.environ, **self._settings.environment()},
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._pipe, self._asked = ours, False

    def _listen(self, pipe: Connection) -> None:
        try:
            message = orjson.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            self._ended()
            return
        if "drained" in message:
            self._drained = max(self._drained, int(message["drained"]))
            self._asked = False
            self._failures = 0
        self._heard(message)

    def _ended(self) -> None:
        self._close_pipe()
        code = self._process.wait() if self._process is not None else 0
        if code and not self._ending:
            self._failures += 1
            pause = min(MOST_BACKOFF_SECONDS, 0.1 * 2.0**self._failures)
            self._not_before = time.monotonic() + pause
            LOG.error("the drain ended with %s; starting it again in %.1f s", code, pause)

    def _wake(self) -> None:
        """Say that there is more; once until the drain says how far it is."""
        if self._pipe is not None and self._last > self._drained and not self._asked:
            self._asked = True
            try:
                self._pipe.send_bytes(b'{"wake":true}')
            except OSError:
                self._ended()

    def _close_pipe(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
