"""The collectors that the platform has. A new kind of source gets its entry here, and nowhere else.

Belongs here: the tuple. Does not belong here: collectors (one file or folder each beside this one).
"""

from __future__ import annotations

from quality_platform.collectors.access_logs import COLLECTOR as ACCESS_LOGS
from quality_platform.collectors.advisories import COLLECTOR as ADVISORIES
from quality_platform.collectors.contract import Collector
from quality_platform.collectors.events import COLLECTOR as EVENTS
from quality_platform.collectors.forge import COLLECTOR as FORGE
from quality_platform.collectors.logs import COLLECTOR as LOGS
from quality_platform.collectors.probes import COLLECTOR as PROBES
from quality_platform.collectors.repository import COLLECTOR as REPOSITORY
from quality_platform.collectors.reviews import COLLECTOR as REVIEWS
from quality_platform.collectors.sarif import COLLECTOR as SARIF
from quality_platform.collectors.scrape import COLLECTOR as SCRAPE
from quality_platform.collectors.system import COLLECTOR as SYSTEM

COLLECTORS: tuple[Collector, ...] = (
    REPOSITORY,
    SYSTEM,
    LOGS,
    EVENTS,
    ACCESS_LOGS,
    PROBES,
    SCRAPE,
    ADVISORIES,
    SARIF,
    REVIEWS,
    FORGE,
)
