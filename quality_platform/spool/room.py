"""Whether there is room for more: on the disk, and within what may wait for the lake."""

from __future__ import annotations

import time

from quality_platform.settings import Settings
from quality_platform.spool.failure import SpoolError
from quality_platform.spool.log import SpoolLog
from quality_platform.spool.reserve import Reserve

# looking costs system calls; in this time a disk or a spool does not fill up much
LOOK_SECONDS = 0.5


class Room:
    """Asked by the spool's thread before every commit; everybody else reads `refusal`."""

    def __init__(self, settings: Settings, log: SpoolLog) -> None:
        self._reserve = Reserve(settings)
        self._log = log
        self._most = settings.spool_bytes
        self._looked = -LOOK_SECONDS
        self.refusal: str | None = None
        """Why nothing is taken now; None when something is."""

    def require(self) -> None:
        """Raises SpoolError when nothing may be added now."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self.look()
        if self.refusal is not None:
            raise SpoolError(self.refusal)

    def look(self) -> None:
        """Look anew."""
        self._looked = time.monotonic()
        if not self._reserve.has_room():
            self.refusal = "The disk is nearly full; what was accepted before is still being stored."
        elif self._log.bytes_used >= self._most:
            self.refusal = f"More than {self._most:,} bytes wait for the lake."
        else:
            self.refusal = None

    def failed(self) -> None:
        """A write failed: on a full disk the reserve is what lets the drain, which frees the room, go on."""
        if not self._reserve.has_room():
            self._reserve.release()
            self._looked = -LOOK_SECONDS
