"""Reading the spool, in the drain's process, while another one writes it.

Belongs here: finding what comes after a place, and what to make of a record that does not open. Does not belong here:
decoding what the entries hold (`api/ingest/`).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from quality_platform.settings import Settings
from quality_platform.spool import files
from quality_platform.spool.failure import SpoolError
from quality_platform.spool.item import UNREADABLE, Entry, Spooled
from quality_platform.spool.record import Record, ends_at, record_at
from quality_platform.spool.sealing import Sealing

LOG = logging.getLogger(__name__)


class SpoolReader:
    """Reads one spool in order. Not to be shared by threads."""

    def __init__(self, settings: Settings) -> None:
        self._folder = files.folder_of(settings)
        self._sealing = Sealing(settings.secret)
        try:
            self.id = files.identity_of(settings)
        except OSError as error:
            raise SpoolError(f"The spool {self._folder} cannot be opened: {error.strerror}.") from error
        # where the last reading ended, so that the next need not walk through the file again
        self._ended: tuple[int, Path, int] | None = None

    def close(self) -> None:
        """Nothing is held between readings."""

    def newest(self) -> int:
        """The newest place that holds something; 0 when none does. Raises SpoolError when a file cannot be read."""
        last = 0
        try:
            for _, record in self._records(0):
                last = record.last
        except OSError as error:
            raise SpoolError(f"The spool cannot be read: {error.strerror}.") from error
        return last

    def read(self, after: int, *, most: int, most_bytes: int) -> list[Spooled]:
        """Entries after the place `after`, in order; whole records until `most` or `most_bytes` are reached.

        Raises SpoolError when a file cannot be read.
        """
        found: list[Spooled] = []
        size = 0
        try:
            for path, record in self._records(after):
                found += [each for each in self._entries(record) if each.place > after]
                size += len(record.blob)
                self._ended = (record.last, path, record.end)
                if len(found) >= most or size >= most_bytes:
                    break
        except OSError as error:
            raise SpoolError(f"The spool cannot be read: {error.strerror}.") from error
        return found

    def _records(self, after: int) -> Iterator[tuple[Path, Record]]:
        paths = files.listed(self._folder)
        # of the files that begin at or before the next place, only the last can hold it
        begin = max((n for n, (first, _) in enumerate(paths) if first <= after + 1), default=0)
        for number, (_, path) in enumerate(paths[begin:], begin):
            newest = number == len(paths) - 1
            for record in self._of_file(path, after, newest=newest):
                yield path, record

    def _of_file(self, path: Path, after: int, *, newest: bool) -> Iterator[Record]:
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:  # dropped since it was listed: all of it is in the lake
            return
        try:
            at = self._ended[2] if self._ended is not None and self._ended[:2] == (after, path) else 0
            while record := record_at(descriptor, at):
                at = record.end
                if record.last <= after:
                    continue
                yield record
            if not newest and not ends_at(descriptor, at):
                self._keep(path, at)
        finally:
            os.close(descriptor)

    def _keep(self, path: Path, at: int) -> None:
        """An older file goes on after what can be read of it: it stays for a person to look at."""
        kept = path.with_suffix(".damaged")
        if not kept.exists():
            os.link(path, kept)
            LOG.critical("%s cannot be read from byte %d on; it is kept as %s", path, at, kept)

    def _entries(self, record: Record) -> Iterator[Spooled]:
        entries = record.entries(self._sealing)
        if entries is None:
            items = {"items": {"other": record.count}}
            yield Spooled(record.last, Entry("", UNREADABLE, record.oldest, record.head + record.blob, items))
            return
        for place, entry in enumerate(entries, record.last - record.count + 1):
            yield Spooled(place, entry)
