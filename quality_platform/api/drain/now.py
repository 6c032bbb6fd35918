"""Bringing what waits to the lake before somebody goes on: by the live service where it runs, else here.

Belongs here: waiting and, if need be, draining. Does not belong here: a round (`rounds.py`).
"""

from __future__ import annotations

import time
from contextlib import closing

from quality_platform.api.drain.rounds import Drain, stored_up_to
from quality_platform.api.ingest.contract import Decoding
from quality_platform.errors import LockHeldError, QualityPlatformError
from quality_platform.settings import Settings
from quality_platform.spool.reader import SpoolReader
from quality_platform.warehouse import locks
from quality_platform.warehouse.lake import Lake

WAIT_SECONDS = 90.0
"""A drain that has nothing to do holds the spool for a minute more, and what is lazy (the service's own figures) does
not wake it: only after that minute can it be brought to the lake from here."""

TRY_SECONDS = 0.2


def drain_now(settings: Settings, lake: Lake, *, wait_seconds: float = WAIT_SECONDS) -> None:
    """Return when all that was accepted before the call is in the lake. Raises QualityPlatformError when it is not in
    time."""
    if not settings.spool_dir.is_dir():
        return
    called_at = time.time() * 1e6
    deadline = time.monotonic() + wait_seconds
    with closing(SpoolReader(settings)) as reader:
        while _waits(reader, lake, called_at):
            if time.monotonic() > deadline:
                raise QualityPlatformError(
                    "Requests that were accepted are not in the lake yet.",
                    hint="`/health/ready` of the live service says what is wrong; try again then.",
                )
            if not _drained_here(settings, lake):
                time.sleep(TRY_SECONDS)


def _waits(reader: SpoolReader, lake: Lake, called_at: float) -> bool:
    after = reader.read(stored_up_to(lake, reader.id), most=1, most_bytes=1)
    return bool(after) and after[0].entry.received_at <= called_at


def _drained_here(settings: Settings, lake: Lake) -> bool:
    """Drain the spool in this process; False when a live service's drain is at it."""
    impatient = settings.model_copy(update={"lock_timeout_seconds": TRY_SECONDS})
    try:
        with (
            locks.hold(impatient, f"spool {settings.spool_dir}", "draining the spool"),
            closing(Drain(settings, lake, Decoding(settings.secret))) as drain,
        ):
            while drain.round():
                pass
    except LockHeldError:
        return False
    return True
