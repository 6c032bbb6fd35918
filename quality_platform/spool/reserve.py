"""Room on the disk: some is kept in reserve, and nothing is accepted when the rest is nearly gone."""

from __future__ import annotations

import os
import shutil
import time

from quality_platform.settings import Settings
from quality_platform.spool.database import SpoolError

RESERVE_BYTES = 16 * 1024 * 1024
LEAST_FREE_BYTES = 32 * 1024 * 1024
# looking at the disk costs a system call; a disk does not fill up much in this time
LOOK_SECONDS = 0.5


class Reserve:
    """A file that is given up when the disk is full, so that the drain can still write, and made again later."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.place(settings.spool_dir) / "reserve"
        self._looked = 0.0
        self._free = 0
        self._make()

    def require_room(self) -> None:
        """Raises SpoolError when what is free is needed to bring the spool to the lake."""
        now = time.monotonic()
        if now - self._looked > LOOK_SECONDS:
            self._looked, self._free = now, shutil.disk_usage(self._path.parent).free
            if not self._path.exists() and self._free > LEAST_FREE_BYTES + 2 * RESERVE_BYTES:
                self._make()
        if self._free < LEAST_FREE_BYTES:
            self.release()
            raise SpoolError("The disk is nearly full; what was accepted before is still being stored.")

    def release(self) -> None:
        """Give the reserve up."""
        self._path.unlink(missing_ok=True)

    def _make(self) -> None:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError:
            return
        try:
            os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
        except OSError:  # it is full already
            self._path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)
