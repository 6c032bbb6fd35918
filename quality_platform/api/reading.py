"""Reading the lake for routes: opened when somebody asks, closed when nobody has for a while, few at a time.

DuckDB and its extensions take 100 MB, which a live service that only takes things in need not hold.

Belongs here: the connection's life. Does not belong here: what is asked (`routes/`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from quality_platform.errors import LakeError
from quality_platform.settings import Settings

if TYPE_CHECKING:
    from quality_platform.warehouse.lake import Lake

IDLE_SECONDS = 120.0
MOST_AT_ONCE = 4
WAIT_SECONDS = 10.0


class LakeReader:
    """The lake of a home, for reading. Its methods wait: call them in a thread."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._lake: Lake | None = None
        self._lock = threading.Lock()
        self._seats = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._asking = 0
        self._asked_at = 0.0

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Result of `sql` as Python values. Raises LakeError where the lake is missing or asked by too many."""
        import duckdb

        if not self._seats.acquire(timeout=WAIT_SECONDS):
            raise LakeError("Too many ask the lake at once.", hint="Please try again.")
        try:
            return self._opened().rows(sql, list(parameters))
        except duckdb.Error as error:
            raise LakeError(
                f"The lake cannot be read now: {type(error).__name__}.", hint="Please try again."
            ) from error
        finally:
            self._seats.release()
            with self._lock:
                self._asking -= 1

    @property
    def is_open(self) -> bool:
        """Whether DuckDB is held."""
        return self._lake is not None

    def close_if_idle(self) -> None:
        """Let go of DuckDB when nobody has asked for a while."""
        with self._lock:
            if self._asking == 0 and self._clock() - self._asked_at > IDLE_SECONDS:
                self._close()

    def close(self) -> None:
        """Let go of DuckDB."""
        with self._lock:
            self._close()

    def _opened(self) -> Lake:
        from quality_platform.warehouse.lake import Lake

        with self._lock:
            self._asking += 1
            self._asked_at = self._clock()
            if self._lake is None:
                self._lake = Lake(self._settings)
            return self._lake

    def _close(self) -> None:
        if self._lake is not None:
            self._lake.close()
            self._lake = None
