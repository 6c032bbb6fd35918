"""Entries that could not be brought to the lake: kept sealed beside the spool, so that nothing accepted is thrown away.

Belongs here: keeping them within bounds, finding them again, deleting them. Does not belong here: why they could not
(`api/drain/rounds.py`), or trying again (`api/drain/bringing_back.py`).
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag

from quality_platform.settings import Settings
from quality_platform.spool.item import Entry, Spooled
from quality_platform.spool.record import opened_alone, pack, unpack
from quality_platform.spool.sealing import Sealing

LOG = logging.getLogger(__name__)
MOST_BYTES = 256 * 1024 * 1024
"""A fault that concerns every request must not fill the disk."""

COUNT_SECONDS = 10.0
"""How often a full folder is counted anew: somebody may have emptied it, and counting 100,000 files takes a while."""

DRAFT = ".draft"


class Aside:
    """The folder `aside` of one spool; each file is one sealed record."""

    def __init__(self, settings: Settings, spool_id: str) -> None:
        self._folder = settings.place(settings.spool_dir / "aside")
        self._sealing = Sealing(settings.secret)
        self._spool_id = spool_id
        self._count()

    def keep(self, spooled: Spooled, *, sealed: bool = False) -> None:
        """Keep an entry; its body is `sealed` already when it is a whole record that does not open."""
        path = self._folder / f"{self._spool_id}-{spooled.place}"
        if path.exists():  # kept before a crash
            return
        blob = spooled.entry.body if sealed else self._sealing.seal(pack([spooled.entry]))
        if not self._has_room(len(blob)):
            LOG.critical("request %d cannot be stored; its bytes are not kept, %s is full", spooled.place, self._folder)
            return
        draft = path.with_suffix(DRAFT)
        with draft.open("wb") as file:
            file.write(blob)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        self._size += len(blob)
        LOG.critical("request %d cannot be stored; it is kept as %s", spooled.place, path)

    def _has_room(self, size: int) -> bool:
        if self._size + size > MOST_BYTES and time.monotonic() - self._counted_at > COUNT_SECONDS:
            self._count()
        return self._size + size <= MOST_BYTES

    def _count(self) -> None:
        self._size = sum(entry.stat().st_size for entry in os.scandir(self._folder))
        self._counted_at = time.monotonic()


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of the folder. `entries` is None when it does not open with the platform's secret."""

    path: Path
    size: int
    entries: tuple[Entry, ...] | None

    @property
    def name(self) -> str:
        """Its identity: that of the spool, and the place there."""
        return self.path.name

    @property
    def place(self) -> int:
        """The place in the spool, which the log and `raw.quarantine` call the request."""
        return int(self.name.rpartition("-")[2])

    def drop(self) -> None:
        """Delete it, for ever."""
        self.path.unlink(missing_ok=True)


def paths(settings: Settings) -> list[Path]:
    """The files, in the order in which they came; empty where there is no spool."""
    found = [path for path in (settings.spool_dir / "aside").glob("*-*") if path.suffix != DRAFT]
    return sorted(found, key=lambda path: (path.stat().st_mtime, path.name))


def kept(settings: Settings) -> Iterator[Kept]:
    """What the folder holds; read one after another, because together it may be 256 MiB."""
    sealing = Sealing(settings.secret)
    for path in paths(settings):
        blob = path.read_bytes()
        yield Kept(path, len(blob), _opened(sealing, blob))


def _opened(sealing: Sealing, blob: bytes) -> tuple[Entry, ...] | None:
    """An entry that was sealed for this folder; or a whole record, which did not open then and may do so now."""
    try:
        return tuple(unpack(sealing.open(blob)))
    except (InvalidTag, ValueError):
        entries = opened_alone(sealing, blob)
        return tuple(entries) if entries is not None else None
