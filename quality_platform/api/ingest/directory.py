"""Whose key it is, answered from memory, because a look at the database for each request would cost milliseconds.

A new or revoked key counts after at most `REFRESH_SECONDS`; an unknown key makes it look sooner, but not for every
one of a flood.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from quality_platform.access import keys, secrets
from quality_platform.state.database import State

REFRESH_SECONDS = 5.0
UNKNOWN_SECONDS = 0.5
NOTE_SECONDS = 60.0


class KeyDirectory:
    """The keys in use. Reads in whatever thread asks; a refresh takes a few milliseconds."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._projects: Mapping[str, str] = {}
        self._digests: dict[str, str] = {}
        self._read_at = -REFRESH_SECONDS
        self._used: dict[str, datetime] = {}
        self._noted_at = time.monotonic()

    def project_of(self, key: str) -> str | None:
        """The project that `key` sends to; None for a key that is unknown or revoked."""
        now = time.monotonic()
        if now - self._read_at > REFRESH_SECONDS:
            self._read(now)
        digest = self._digest(key)
        project = self._projects.get(digest)
        if project is None and now - self._read_at > UNKNOWN_SECONDS:
            self._read(now)
            project = self._projects.get(digest)
        if project is not None:
            self._used[digest] = datetime.now(UTC)
        return project

    def note_use(self, *, at_once: bool = False) -> None:
        """Write down when keys were last used, once a minute."""
        now = time.monotonic()
        if self._used and (at_once or now - self._noted_at > NOTE_SECONDS):
            self._noted_at, used, self._used = now, self._used, {}
            keys.used(self._state, used)

    def _digest(self, key: str) -> str:
        known = self._digests.get(key)
        if known is None:
            known = secrets.digest(key)
            if len(self._digests) < 10_000:  # a flood of invented keys must not fill the memory
                self._digests[key] = known
        return known

    def _read(self, now: float) -> None:
        with self._lock:
            if now > self._read_at:
                self._projects = keys.projects_by_digest(self._state)
                self._read_at = now
