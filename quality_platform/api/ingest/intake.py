"""What the doors share in one process: keys, quotas, memory, the spool, the figures.

Belongs here: the state behind `endpoint.py`. Does not belong here: HTTP, protocols.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from quality_platform.api.ingest.contract import RefusedError
from quality_platform.api.ingest.directory import KeyDirectory
from quality_platform.api.ingest.quota import Quota
from quality_platform.api.ingest.turned_away import TurnedAway
from quality_platform.api.ingest.visitors import Visitors
from quality_platform.api.statistics import Statistics
from quality_platform.spool.database import SpoolError
from quality_platform.spool.item import Entry
from quality_platform.spool.writer import SpoolWriter


def answered(waiting: Sequence[asyncio.Future[None]], failure: SpoolError | None) -> None:
    """Told by the spool's thread: many requests end with one wake-up of the loop."""
    if waiting:
        waiting[0].get_loop().call_soon_threadsafe(_end, waiting, failure)


def _end(waiting: Sequence[asyncio.Future[None]], failure: SpoolError | None) -> None:
    for each in waiting:
        if each.done():
            continue
        if failure is None:
            each.set_result(None)
        else:
            each.set_exception(RefusedError(503, "spool", "Nothing can be stored now; please try again."))


class Intake:
    """One for all doors. Its methods are called in the event loop's thread."""

    def __init__(
        self,
        *,
        limit: int,
        memory: int,
        directory: KeyDirectory,
        quota: Quota,
        visitors: Visitors,
        writer: SpoolWriter,
        turned_away: TurnedAway,
        statistics: Statistics,
    ) -> None:
        """`limit` bytes for one body, `memory` bytes for all that are held at a time."""
        self.limit = limit
        self._memory = memory
        self._held = 0
        self._directory = directory
        self._quota = quota
        self._visitors = visitors
        self._writer = writer
        self._turned_away = turned_away
        self._statistics = statistics

    # --- room ------------------------------------------------------------------------------------

    def hold(self, size: int) -> int:
        """Reserve room for `size` bytes and return it. Raises RefusedError: 413 beyond the limit, 503 without room."""
        if size > self.limit:
            raise RefusedError(413, "too_large", f"The body is larger than {self.limit:,} bytes; send smaller batches.")
        if self._held + size > self._memory:
            raise RefusedError(503, "busy", "Too much is coming in at once; please try again.")
        self._held += size
        return size

    def let_go(self, size: int) -> None:
        """Give the room back."""
        self._held -= size

    @property
    def held(self) -> int:
        """Bytes that are held now."""
        return self._held

    # --- who ---------------------------------------------------------------------------------------

    def project_of(self, key: str) -> str | None:
        """The project of a key."""
        return self._directory.project_of(key)

    def visitor(self, address: str, headers: Mapping[str, str]) -> str | None:
        """A hash that stands for an unknown visitor today."""
        return self._visitors.key(address, headers)

    def over_quota(self, project: str, items: Mapping[str, int]) -> Collection[str]:
        """Categories of `items` that the project may not send now."""
        return self._quota.exceeded(project, items)

    # --- durable -----------------------------------------------------------------------------------

    def spool(self, entry: Entry, waiting: asyncio.Future[None]) -> None:
        """Make `entry` durable; `waiting` ends when it is."""
        self._writer.put(entry, waiting)

    # --- figures -----------------------------------------------------------------------------------

    def accepted(self, door: str, items: Mapping[str, int]) -> None:
        """Count what was made durable."""
        for category, quantity in items.items():
            self._statistics.items.labels(door, category).inc(quantity)

    def refused(self, door: str, project: str | None, error: RefusedError) -> None:
        """Count what was turned away; for a known project it goes into the ledger."""
        if project is not None:
            self._turned_away.add(project, door, error.items, error.reason)

    def note(self, door: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._statistics.requests.labels(door, str(status)).inc()
        self._statistics.latency.labels(door).observe(seconds)
