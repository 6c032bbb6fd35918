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
from quality_platform.spool.failure import SpoolError
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


class Room:
    """What one request may hold in memory; given back once, however the request ends."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._size = 0

    def reach(self, size: int) -> None:
        """Have room for `size` bytes in all. Raises RefusedError."""
        if size > self._size:
            self._intake.hold(size, size - self._size)
            self._size = size

    def give_back(self) -> None:
        """Let go of all of it."""
        self._intake.let_go(self._size)
        self._size = 0


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
        self.large = asyncio.Lock()
        """Held while a large body is looked at: 20 MB of JSON become 200 MB of objects."""
        self._directory = directory
        self._quota = quota
        self._visitors = visitors
        self._writer = writer
        self._turned_away = turned_away
        self._statistics = statistics

    # --- room ------------------------------------------------------------------------------------

    def room(self) -> Room:
        """Room for one request, which grows with it."""
        return Room(self)

    def hold(self, size: int, more: int) -> None:
        """Reserve room for `more` bytes of a request of `size`. Raises RefusedError: 413 beyond the limit, 503 without
        room."""
        if size > self.limit:
            raise RefusedError(413, "too_large", f"The body is larger than {self.limit:,} bytes; send smaller batches.")
        if self._held + more > self._memory:
            raise RefusedError(503, "busy", "Too much is coming in at once; please try again.")
        self._held += more

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

    @property
    def seconds_left(self) -> int:
        """Seconds until a quota that is used up begins anew."""
        return self._quota.seconds_left()

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
