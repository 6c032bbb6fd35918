"""Group commit: many requests, one durable transaction. One thread writes; who asked is told when it is on the disk.

Belongs here: the thread and its queue. Does not belong here: HTTP, or when there is too much (`api/ingest/`).
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from quality_platform.settings import Settings
from quality_platform.spool.database import SpoolError, SpoolFile
from quality_platform.spool.item import Entry
from quality_platform.spool.reserve import Reserve

LOG = logging.getLogger(__name__)
# requests of one commit: bounds what a crash between two commits may leave unanswered
MOST_PER_COMMIT = 2_000

Answered = Callable[[Sequence[Any], SpoolError | None], None]
"""Called in the writer's thread with the tickets of a commit: its entries are durable, or why they are not."""


@dataclass(frozen=True, slots=True)
class _Put:
    entry: Entry
    ticket: Any


@dataclass(frozen=True, slots=True)
class _Drop:
    up_to: int


class SpoolWriter:
    """The one writer of the spool in its process."""

    def __init__(self, settings: Settings, answered: Answered, committed: Callable[[int, int], None]) -> None:
        """`committed` is called after each commit with the last place and the number of entries."""
        self._answered = answered
        self._committed = committed
        self._reserve = Reserve(settings)
        self._work: queue.SimpleQueue[_Put | _Drop | None] = queue.SimpleQueue()
        self._file = SpoolFile(settings, writable=True)
        self._last = self._file.newest()
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    @property
    def last(self) -> int:
        """The newest place, from before."""
        return self._last

    @property
    def id(self) -> str:
        """Identity of this spool, which the ledger names."""
        return self._file.id

    def has_room(self) -> bool:
        """Whether an entry would be taken now, as far as the disk goes."""
        try:
            self._reserve.require_room()
        except SpoolError:
            return False
        return True

    def put(self, entry: Entry, ticket: Any = None) -> None:
        """Hand over an entry; `answered` is called with `ticket` when it is durable."""
        self._work.put(_Put(entry, ticket))

    def drop(self, up_to: int) -> None:
        """Forget entries up to the place `up_to`, in good time."""
        self._work.put(_Drop(up_to))

    def close(self) -> None:
        """Write what was handed over, then end."""
        self._work.put(None)
        self._thread.join(30)
        self._file.close()

    def _run(self) -> None:
        going = True
        while going:
            tasks = [self._work.get()]
            while len(tasks) < MOST_PER_COMMIT:
                try:
                    tasks.append(self._work.get_nowait())
                except queue.Empty:
                    break
            going = None not in tasks
            self._store([task for task in tasks if isinstance(task, _Put)])
            dropped = [task.up_to for task in tasks if isinstance(task, _Drop)]
            if dropped:
                self._drop(max(dropped))

    def _store(self, puts: list[_Put]) -> None:
        if not puts:
            return
        failure: SpoolError | None = None
        try:
            last = self._add([put.entry for put in puts])
        except SpoolError as error:
            LOG.exception("nothing was accepted")
            failure = error
        self._answered([put.ticket for put in puts if put.ticket is not None], failure)
        if failure is None:
            self._committed(last, len(puts))

    def _add(self, entries: list[Entry]) -> int:
        self._reserve.require_room()
        try:
            return self._file.add(entries)
        except SpoolError:
            # on a full disk the reserve is what lets the drain, which frees the room, go on
            self._reserve.release()
            raise

    def _drop(self, up_to: int) -> None:
        try:
            self._file.drop(up_to)
        except SpoolError:
            LOG.exception("entries up to %d stay until the next time", up_to)
