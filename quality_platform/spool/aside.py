"""Entries that could not be brought to the lake: kept sealed beside the spool, so that nothing accepted is thrown away.

Belongs here: keeping them within bounds. Does not belong here: why they could not (`api/drain/`).
"""

from __future__ import annotations

import logging
import os

from quality_platform.settings import Settings
from quality_platform.spool.item import Spooled
from quality_platform.spool.record import pack
from quality_platform.spool.sealing import Sealing

LOG = logging.getLogger(__name__)
MOST_BYTES = 256 * 1024 * 1024
"""A fault that concerns every request must not fill the disk."""


class Aside:
    """The folder `aside` of one spool; each file is one sealed record."""

    def __init__(self, settings: Settings, spool_id: str) -> None:
        self._folder = settings.place(settings.spool_dir / "aside")
        self._sealing = Sealing(settings.secret)
        self._spool_id = spool_id
        self._size = sum(path.stat().st_size for path in self._folder.iterdir())

    def keep(self, spooled: Spooled, *, sealed: bool = False) -> None:
        """Keep an entry; its body is `sealed` already when it is a whole record that does not open."""
        path = self._folder / f"{self._spool_id}-{spooled.place}"
        if path.exists():  # kept before a crash
            return
        blob = spooled.entry.body if sealed else self._sealing.seal(pack([spooled.entry]))
        if self._size + len(blob) > MOST_BYTES:
            LOG.critical("request %d cannot be stored; its bytes are not kept, %s is full", spooled.place, self._folder)
            return
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(blob)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        self._size += len(blob)
        LOG.critical("request %d cannot be stored; it is kept as %s", spooled.place, path)
