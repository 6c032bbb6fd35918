"""Group commit: many requests, one durable transaction. One thread writes; who asked is told when it is on the disk.

Belongs here: the thread and its queue. Does not belong here: HTTP, or when there is too much (`room.py`).
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from quality_platform.settings import Settings
from quality_platform.spool.failure import SpoolError
from quality_platform.spool.item import Entry
from quality_platform.spool.log import SpoolLog
from quality_platform.spool.room import Room

LOG = logging.getLogger(__name__)
# requests and bytes of one commit, which is one record: the drain must hold a record whole
MOST_PER_COMMIT = 2_000
MOST_BYTES_PER_COMMIT = 8 * 1024 * 1024

Answered = Callable[[Sequence[Any], SpoolError | None], None]
"""Called in the writer's thread with the tickets of a commit: its entries are durable, or why they are not."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What became durable: up to which place, how many entries, and whether all of them can wait."""

    last: int
    entries: int
    lazy: bool


@dataclass(frozen=True, slots=True)
class _Put:
    entry: Entry
    ticket: Any
    lazy: bool


@dataclass(frozen=True, slots=True)
class _Drop:
    up_to: int


class SpoolWriter:
    """The one writer of the spool in its process."""

    def __init__(self, settings: Settings, answered: Answered, committed: Callable[[Committed], None]) -> None:
        """`committed` is called after each commit, in the writer's thread."""
        self._answered = answered
        self._committed = committed
        self._work: queue.SimpleQueue[_Put | _Drop | None] = queue.SimpleQueue()
        self._log = SpoolLog(settings)
        self._room = Room(settings, self._log)
        self._room.look()
        self._last = self._log.newest
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    @property
    def last(self) -> int:
        """The newest place, from before."""
        return self._last

    @property
    def id(self) -> str:
        """Identity of this spool, which the ledger names."""
        return self._log.id

    @property
    def waiting(self) -> tuple[int, int | None]:
        """How many entries wait for the lake, and when the oldest of them came (microseconds since 1970), about."""
        return self._log.waiting

    def has_room(self) -> bool:
        """Whether an entry would be taken now, as far as is known; has the thread look again, for the next time."""
        self._work.put(_Drop(0))
        return self._room.refusal is None

    def put(self, entry: Entry, ticket: Any = None, *, lazy: bool = False) -> None:
        """Hand over an entry; `answered` is called with `ticket` when it is durable. A `lazy` one is as durable, but
        is no reason to start the drain."""
        self._work.put(_Put(entry, ticket, lazy))

    def drop(self, up_to: int) -> None:
        """Forget entries up to the place `up_to`, in good time."""
        self._work.put(_Drop(up_to))

    def close(self) -> None:
        """Write what was handed over, then end."""
        self._work.put(None)
        self._thread.join(30)
        self._log.close()

    def _run(self) -> None:
        going = True
        while going:
            tasks = self._next()
            going = None not in tasks
            try:
                self._store([task for task in tasks if isinstance(task, _Put)])
                self._drop([task.up_to for task in tasks if isinstance(task, _Drop)])
            except Exception:  # without this thread every request would wait for ever
                LOG.exception("the spool goes on")

    def _next(self) -> list[_Put | _Drop | None]:
        """What waits, as much as one commit may take."""
        tasks: list[_Put | _Drop | None] = []
        size = 0
        while len(tasks) < MOST_PER_COMMIT and size < MOST_BYTES_PER_COMMIT:
            try:
                task = self._work.get(block=not tasks)
            except queue.Empty:
                break
            tasks.append(task)
            size += len(task.entry.body) if isinstance(task, _Put) else 0
        return tasks

    def _store(self, puts: Sequence[_Put]) -> None:
        if not puts:
            return
        failure: SpoolError | None = None
        last = 0
        try:
            last = self._add([put.entry for put in puts])
        except SpoolError as error:
            failure = error
        except Exception as error:
            LOG.error("an entry cannot be spooled: %s", type(error).__name__)
            if len(puts) > 1:  # one that cannot be packed must not cost the others
                for put in puts:
                    self._store([put])
                return
            failure = SpoolError("It cannot be spooled.")
        self._tell(puts, last, failure)

    def _tell(self, puts: Sequence[_Put], last: int, failure: SpoolError | None) -> None:
        try:
            if failure is None:
                self._committed(Committed(last, len(puts), all(put.lazy for put in puts)))
        finally:
            self._answered([put.ticket for put in puts if put.ticket is not None], failure)
        if (failure is not None) != self._failing:  # said once, not for each of a thousand commits a second
            self._failing = failure is not None
            LOG.error("nothing is accepted: %s", failure) if failure else LOG.warning("the spool accepts again")

    def _add(self, entries: list[Entry]) -> int:
        self._room.require()
        try:
            return self._log.add(entries)
        except SpoolError:
            self._room.failed()
            raise

    def _drop(self, places: Sequence[int]) -> None:
        if not places:
            return
        try:
            self._log.drop(max(places))
            self._room.look()
        except SpoolError:
            LOG.exception("entries up to %d stay until the next time", max(places))
