"""What the drain's process is put together from.

Belongs here: composition. Does not belong here: anything that works.
"""

from __future__ import annotations

from multiprocessing.connection import Connection

from quality_platform.api.drain.process import DrainProcess
from quality_platform.api.drain.rounds import Drain
from quality_platform.api.ingest.contract import Decoding
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake


def compose(settings: Settings, pipe: Connection) -> DrainProcess:
    """The drain of the home's spool."""
    lake = Lake(settings)
    drain = Drain(settings, lake, Decoding(settings.secret))
    return DrainProcess(drain, lake, pipe, (), stays=False)
