"""Whose secret it is, answered from memory, because a look at the database for each request would cost milliseconds.

A revoked secret ends after at most `REFRESH_SECONDS`; an unknown one makes it look at once, because it may be new, but
not for every one of a flood. While the state database cannot be read, what was known holds.

Belongs here: the memory. Does not belong here: which secrets there are (`access/`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Generic, TypeVar

from quality_platform.access import secrets
from quality_platform.api.security.rate import Rate
from quality_platform.errors import StateError

LOG = logging.getLogger(__name__)
REFRESH_SECONDS = 5.0
UNKNOWN_PER_SECOND, UNKNOWN_BURST = 2.0, 20
NOTE_SECONDS = 60.0
MOST_DIGESTS = 10_000

Holder = TypeVar("Holder")


class Directory(Generic[Holder]):
    """Holders of secrets by digest. Reads in whatever thread asks; a refresh takes a few milliseconds."""

    def __init__(
        self,
        read: Callable[[], Mapping[str, Holder]],
        used: Callable[[Mapping[str, datetime]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`read` gives the holders by digest, `used` writes down when digests were last used."""
        self._read_holders = read
        self._write_use = used
        self._clock = clock
        self._lock = threading.Lock()
        self._holders: Mapping[str, Holder] = {}
        self._digests: dict[str, str] = {}
        self._read_at: float | None = None
        self._looks = Rate(per_second=UNKNOWN_PER_SECOND, burst=UNKNOWN_BURST, clock=clock)
        self._not_before = 0.0
        self._used: dict[str, datetime] = {}
        self._noted_at = clock()

    def holder(self, secret: str) -> Holder | None:
        """Whose `secret` is; None for one that is unknown or revoked. Raises StateError before the first reading."""
        now = self._clock()
        if self._read_at is None or now - self._read_at > REFRESH_SECONDS:
            self._read(now)
        digest = self._digest(secret)
        found = self._holders.get(digest)
        if found is None and now >= self._not_before and not self._looks.take(""):
            self._read(now)
            found = self._holders.get(digest)
        if found is not None:
            self._used[digest] = datetime.now(UTC)
        return found

    def note_use(self, *, at_once: bool = False) -> None:
        """Write down when secrets were last used, once a minute."""
        now = self._clock()
        if self._used and (at_once or now - self._noted_at > NOTE_SECONDS):
            self._noted_at, used, self._used = now, self._used, {}
            self._write_use(used)

    def _digest(self, secret: str) -> str:
        known = self._digests.get(secret)
        if known is None:
            known = secrets.digest(secret)
            if len(self._digests) < MOST_DIGESTS:  # a flood of invented secrets must not fill the memory
                self._digests[secret] = known
        return known

    def _read(self, now: float) -> None:
        with self._lock:
            if self._read_at is not None and now <= self._read_at:  # another thread was first
                return
            try:
                self._holders = self._read_holders()
            except StateError as error:
                if self._read_at is None:
                    raise
                # applications go on sending while a database restarts
                LOG.warning("keys and tokens cannot be read now, those known hold: %s", error.message)
                self._not_before = now + REFRESH_SECONDS
            self._read_at = now
