"""What the drain's process is put together from.

Belongs here: composition. Does not belong here: anything that works.
"""

from __future__ import annotations

from multiprocessing.connection import Connection

from quality_platform.api.drain.process import DrainProcess, Pipe
from quality_platform.api.drain.rounds import Drain
from quality_platform.api.drain.sources import Sources
from quality_platform.api.ingest.contract import Decoding
from quality_platform.api.live.evaluator import Evaluator
from quality_platform.api.live.watching import Watching
from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake


def compose(settings: Settings, connection: Connection) -> DrainProcess:
    """The drain of the home's spool."""
    lake, pipe = Lake(settings), Pipe(connection)
    drain = Drain(settings, lake, Decoding(settings.secret))
    configuration = WatchedConfiguration(settings)
    reader = Sources(settings, lake, configuration)
    companions = (Evaluator(settings, lake, configuration, pipe), Watching(pipe))
    return DrainProcess(drain, lake, pipe, companions, reader)
