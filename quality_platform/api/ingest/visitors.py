"""A name for who has none: a keyed hash of network and browser, with a salt that lives a day.

The address is used for nothing else and written nowhere. With the salt gone nobody can tell whether two days' hashes
are the same person, so unique visitors are known for a day at a time, not beyond. The salt is in memory alone: a
restart begins a new day.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping

from quality_platform.collectors.privacy.text import scrub
from quality_platform.collectors.pseudonym import pseudonym

DAY_SECONDS = 86_400
MOST_REMEMBERED = 10_000


class Visitors:
    """Hashes of visitors with today's salt."""

    def __init__(self) -> None:
        self._day = -1
        self._salt = b""
        self._known: dict[tuple[str, str], str] = {}

    def key(self, address: str, headers: Mapping[str, str]) -> str | None:
        """The hash; None where the browser asks not to be tracked (DNT, Sec-GPC)."""
        if headers.get("dnt") == "1" or headers.get("sec-gpc") == "1":
            return None
        day = int(time.time() // DAY_SECONDS)
        if day != self._day:
            self._day, self._salt = day, secrets.token_bytes(32)
            self._known.clear()
        return self._remembered(address, headers.get("user-agent", ""))

    def _remembered(self, address: str, browser: str) -> str:
        """A server sends again and again from one place: hashing each time would cost it 20 µs a request."""
        found = self._known.get((address, browser))
        if found is None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            # scrubbing cuts an address down to its network
            found = self._known[address, browser] = pseudonym(self._salt, scrub(address), browser)
        return found
