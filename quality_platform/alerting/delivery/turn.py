"""One channel's turn: its messages go out side by side until none is due, and one transaction after another writes
down what came of them and takes the next.

Belongs here: the loop and its window. Does not belong here: what happens in a transaction (`line.py`), which channels
have a turn (`deliver.py`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from quality_platform.alerting.delivery.attempt import Attempt, Clock, attempt
from quality_platform.alerting.delivery.crew import Crew
from quality_platform.alerting.delivery.line import LEASE, Line
from quality_platform.errors import StateError
from quality_platform.state import channel_health, outbox
from quality_platform.state.database import State
from quality_platform.state.outbox import Leased

# messages that are held per thread, at most: they are what may come twice after a crash
DEPTH = 8
_RENEW = LEASE / 3
_TRANSACTION_SECONDS = 0.05
_log = logging.getLogger(__name__)


class Turn:
    """A thread that empties the outbox of one channel. `until` ends it early: then no new message is begun."""

    def __init__(
        self, state: State, line: Line, clock: Clock, until: datetime | None, finished: Callable[[Turn], None]
    ) -> None:
        self.line = line
        self.failure: StateError | None = None
        self.over = False
        self.worked = False
        """Whether there was anything to do."""
        self._state = state
        self._clock = clock
        self._until = until
        self._finished = finished
        self._parallel = 1 if line.channel is None else line.channel.parallel
        self._window = self._parallel
        self._flying: dict[int, Leased] = {}
        self._renewed = clock()
        self._cycled = time.monotonic()
        self._crew: Crew[Leased, Attempt] = Crew(self._attempt, self._parallel, f"send {line.name}")
        self.thread = threading.Thread(target=self._run, name=f"deliver {line.name}", daemon=True)
        self.thread.start()

    def poke(self) -> None:
        """There may be something new."""
        self._crew.poke()

    def stop(self) -> None:
        """Begin nothing new."""
        self._until = self._clock()
        self._crew.poke()

    def _attempt(self, message: Leased) -> Attempt:
        return attempt(message, self.line.channel, self._clock)

    def _run(self) -> None:
        try:
            while self._advance(self._crew.gather(max(self._window // 2, 1), _RENEW.total_seconds())):
                pass
        except StateError as error:
            self.failure = error
        except Exception:
            _log.exception("delivery to %s goes on later", self.line.name)
        finally:
            self._crew.dismiss()
            self.over = True
            self._finished(self)

    def _advance(self, done: list[Attempt]) -> bool:
        """One transaction; returns whether anything is under way after it."""
        done = [replace(each, message=self._flying.pop(each.message.position)) for each in done]
        self._fit_window(len(done))
        with self._state.write() as session:
            health = channel_health.locked(session, self.line.name, self._clock())
            now = self._clock()  # after the wait: to one who is late, the limit that another used looks half empty
            ending = self._until is not None and now >= self._until
            self.line.settle(session, health, done, now)
            if ending or health.retry_at is not None:
                self._withdraw(session)
            room = 0 if ending else self._window - len(self._flying)
            taken = self.line.lease(session, health, now, room, alone=not self._flying) if room > 0 else []
            self._renew(session, now)
        self._flying |= {each.position: each for each in taken}
        self.worked |= bool(taken)
        self._crew.hand(taken)
        return bool(self._flying)

    def _withdraw(self, session: Session) -> None:
        """What nobody has begun to send goes back."""
        unsent = [self._flying.pop(each.position) for each in self._crew.withdraw()]
        outbox.hand_back(session, unsent)

    def _renew(self, session: Session, now: datetime) -> None:
        """Hold on what takes long."""
        if now - self._renewed < _RENEW:
            return
        self._renewed = now
        if self._flying:
            outbox.renew(session, list(self._flying.values()), now + LEASE)
            self._flying = {at: replace(each, held=now + LEASE) for at, each in self._flying.items()}

    def _fit_window(self, done: int) -> None:
        """Hold what the threads work on, and of the rest as much as goes out while a transaction is written."""
        before, self._cycled = self._cycled, time.monotonic()
        per_second = done / max(self._cycled - before, 0.001)
        queued = min(int(per_second * _TRANSACTION_SECONDS), self._parallel * (DEPTH - 1))
        self._window = self._parallel + queued
