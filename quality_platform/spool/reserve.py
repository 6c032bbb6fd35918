"""Room on the disk: some is kept in reserve, and nothing is accepted when the rest is nearly gone."""

from __future__ import annotations

import os
import shutil

from quality_platform.settings import Settings

RESERVE_BYTES = 16 * 1024 * 1024
LEAST_FREE_BYTES = 32 * 1024 * 1024


class Reserve:
    """A file that is given up when the disk is full, so that the drain can still write, and made again later.

    What the disk has left beside it is only given to the drain: as long as the file is gone, room is short by as much.
    """

    def __init__(self, settings: Settings) -> None:
        self._path = settings.place(settings.spool_dir) / "reserve"
        self._make()

    def has_room(self) -> bool:
        """Whether more may be accepted; the reserve is given up when not, and made again when there is plenty."""
        free = shutil.disk_usage(self._path.parent).free
        held = self._path.exists()
        if not held and free > LEAST_FREE_BYTES + 2 * RESERVE_BYTES:
            self._make()
        elif free < LEAST_FREE_BYTES // 2:
            self.release()
        return free >= LEAST_FREE_BYTES + (0 if held else RESERVE_BYTES)

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
