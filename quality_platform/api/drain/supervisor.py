"""Starting the drain when something waits, and again when it dies; hearing how far it is.

Belongs here: the process's life, seen from the API process. Does not belong here: what it does (`process.py`).

Neither side can make the other wait for ever: this one has at most one wake-up under way and always reads, so a drain
that is busy, or waits for the lake's lock, fills no pipe.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any

import orjson

from quality_platform.settings import Settings

LOG = logging.getLogger(__name__)
MOST_BACKOFF_SECONDS = 30.0
STOP_SECONDS = 10.0
COMMAND = (sys.executable, "-m", "quality_platform.api.drain")
SPARING = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "65536", "ARROW_DEFAULT_MEMORY_POOL": "system"}
"""What the memory is asked for with, and given back: 27 MB of 308 at 1,000 events a second."""

LAZY_SECONDS = 600.0
"""How long something lazy waits for other work before a drain is started for it alone."""

Heard = Callable[[Mapping[str, Any]], None]


class Supervisor:
    """One drain process at a time. `heard` gets every message of it, in the supervisor's thread."""

    def __init__(
        self, settings: Settings, heard: Heard, *, stays: bool = False, lazy_seconds: float = LAZY_SECONDS,
        command: Sequence[str] = COMMAND,
    ) -> None:  # fmt: skip
        """`stays` keeps a drain running although the spool is empty, for its other work. `command` starts it; the
        number of its end of the pipe is added."""
        self._command = command
        self._settings = settings
        self._heard = heard
        self._stays = stays
        self._lazy_seconds = lazy_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._rung = threading.Event()
        self._bell, self._ring = Pipe(duplex=False)
        self._ending = False
        self._failures = 0
        self._not_before = 0.0
        self._drained = 0
        self._last = 0
        self._urgent = 0
        self._lazy_until: float | None = None
        self._asked = False
        self._watch: Mapping[str, Any] | None = None
        self._watched: Mapping[str, Any] | None = None
        self._thread = threading.Thread(target=self._run, name="drain supervisor", daemon=True)

    def start(self, last: int) -> None:
        """Begin; `last` is the newest place of the spool, which may wait from before."""
        self._last = self._urgent = max(self._last, last)
        self._thread.start()

    def accepted(self, last: int, *, lazy: bool = False) -> None:
        """Something is durable up to the place `last`. Called by the spool's thread; waits for nobody."""
        self._last = last
        if not lazy:
            self._urgent = last
            self._wake_thread()
        elif self._lazy_until is None:
            self._lazy_until = time.monotonic() + self._lazy_seconds
            self._wake_thread()

    def keep(self, wanted: bool) -> None:
        """Keep a drain running although the spool is empty, for its other work, or not."""
        if wanted != self._stays:
            self._stays = wanted
            self._wake_thread()

    def watch(self, wanted: Mapping[str, Any] | None) -> None:
        """Have the drain send what it stores of these projects and metrics; None for nothing."""
        self._watch = wanted
        self._wake_thread()

    @property
    def alive(self) -> bool:
        """Whether a drain process runs."""
        return self.pid is not None

    @property
    def pid(self) -> int | None:
        """Process id of the drain; None when none runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def drained(self) -> int:
        """Place that the lake is known to have come to."""
        return self._drained

    @property
    def late(self) -> bool:
        """Whether something waits for the lake that is not to wait."""
        return self._drained < self._urgent

    def stop(self, *, drain_seconds: float = STOP_SECONDS) -> None:
        """Let the drain finish what is durable, then end it."""
        deadline = time.monotonic() + drain_seconds
        while self._drained < self._urgent and time.monotonic() < deadline:
            time.sleep(0.02)
        self._ending = True
        self._ring.send_bytes(b"!")
        self._thread.join(5)
        self._close_pipe()
        self._reap()

    # --- the thread ------------------------------------------------------------------------------

    def _wake_thread(self) -> None:
        if not self._rung.is_set():
            self._rung.set()
            self._ring.send_bytes(b"!")

    def _run(self) -> None:
        while not self._ending:
            try:
                self._turn()
            except Exception:  # without this thread nothing would ever reach the lake again
                LOG.exception("the drain's supervisor goes on")
                time.sleep(1.0)

    def _turn(self) -> None:
        self._keep_running()
        self._say()
        ready = wait([each for each in (self._bell, self._pipe) if each is not None], self._patience())
        if self._bell in ready:
            self._bell.recv_bytes()
            self._rung.clear()
        if self._pipe is not None and self._pipe in ready:
            self._listen(self._pipe)
        if self._lazy_until is not None and time.monotonic() >= self._lazy_until:
            self._lazy_until, self._urgent = None, self._last

    def _patience(self) -> float | None:
        """How long to wait when nothing happens: for ever, unless a drain is to be started later."""
        now = time.monotonic()
        due = [self._not_before] if self._wanted() and self._pipe is None else []
        due += [self._lazy_until] if self._lazy_until is not None else []
        return max(0.05, min(due) - now) if due else None

    def _wanted(self) -> bool:
        return self._stays or self._drained < self._urgent

    def _keep_running(self) -> None:
        if self._pipe is None and self._wanted() and time.monotonic() >= self._not_before and not self._ending:
            try:
                self._start()
            except OSError as error:
                self._failed(f"cannot be started ({error.strerror})")

    def _start(self) -> None:
        ours, theirs = Pipe()
        try:
            self._process = subprocess.Popen(
                [*self._command, str(theirs.fileno())],
                env={**os.environ, **SPARING, **self._settings.environment()},
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._pipe, self._asked, self._watched = ours, False, None

    def _listen(self, pipe: Connection) -> None:
        try:
            message = orjson.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            self._ended()
            return
        if "drained" in message:
            self._note(int(message["drained"]))
        self._heard(message)

    def _note(self, drained: int) -> None:
        """How far the drain is. It may be asked again: what it finds from now on, it will say."""
        if drained > self._drained:  # not at every start: one that dies in its first round must wait longer and longer
            self._failures = 0
        self._drained = max(self._drained, drained)
        self._asked = False
        if self._drained >= self._last:
            self._lazy_until = None

    def _ended(self) -> None:
        self._close_pipe()
        code = self._reap()
        if code and not self._ending:
            self._failed(f"ended with {code}")

    def _reap(self) -> int:
        """Wait for the process; one that has let go of its pipe has nothing left to do."""
        if self._process is None:
            return 0
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _failed(self, what: str) -> None:
        self._failures += 1
        pause = min(MOST_BACKOFF_SECONDS, 0.1 * 2.0 ** min(self._failures, 10))
        self._not_before = time.monotonic() + pause
        LOG.error("the drain %s; starting it again in %.1f s", what, pause)

    def _say(self) -> None:
        """Say that there is more, once until the drain says how far it is; and whether somebody watches."""
        message: dict[str, object] = {}
        watch = self._watch
        if watch != self._watched:
            message["watch"] = watch
        if self._urgent > self._drained and not self._asked:
            message["wake"] = True
        if self._pipe is None or not message:
            return
        try:
            self._pipe.send_bytes(orjson.dumps(message))
        except OSError:
            self._ended()
            return
        self._asked, self._watched = self._asked or "wake" in message, watch

    def _close_pipe(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
