"""How the live service is: what waits for the lake, whether something can be taken in, and if not, why.

Belongs here: looking. Does not belong here: who is told (`routes/`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from quality_platform.errors import StateError

if TYPE_CHECKING:
    from quality_platform.api.drain.supervisor import Supervisor
    from quality_platform.api.service import Service

MOST_LAG_SECONDS = 60.0
"""A drain that dies is started again within 30 s, and a pipeline run may hold the lake for some: beyond, it fails."""


class Progress:
    """For how long the drain has had something to do and not done any of it. Looked at by several threads."""

    def __init__(self, supervisor: Supervisor, clock: Callable[[], float] = time.monotonic) -> None:
        self._supervisor = supervisor
        self._clock = clock
        self._moved_at = clock()
        self._drained = -1

    def lag_seconds(self) -> float:
        """0 while nothing waits. To be asked every few seconds: it sees what happens between two looks as one step.

        Not the age of the oldest entry, because a clock may be set, and counts of refusals wait for minutes on purpose.
        """
        now, drained = self._clock(), self._supervisor.drained
        if drained != self._drained or not self._supervisor.late:
            self._moved_at, self._drained = now, drained
        return now - self._moved_at


@dataclass(frozen=True, slots=True)
class Waiting:
    """Requests that wait for the lake, and for how many seconds none of them has got there."""

    entries: int
    lag_seconds: float


def waiting(service: Service) -> Waiting:
    """What waits in the spool."""
    return Waiting(service.spool.waiting[0], service.progress.lag_seconds())


def faults(service: Service) -> Iterator[tuple[str, str]]:
    """What keeps the service from doing its work, as (part, what is wrong); nothing when all is well."""
    if not service.spool.has_room():
        yield "spool", "Nothing can be stored: the disk is nearly full, or too much waits for the lake."
    try:
        with service.state.read() as session:
            session.execute(sa.select(1))
    except StateError as error:
        yield "state", error.message
    found = waiting(service)
    if found.lag_seconds > MOST_LAG_SECONDS:
        yield "drain", f"{found.entries} requests wait, and none has got to the lake for {found.lag_seconds:.0f} s."
