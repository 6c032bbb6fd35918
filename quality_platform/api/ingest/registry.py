"""The doors that the live service has. A new protocol gets its entry here, and nowhere else.

Belongs here: the tuple. Does not belong here: doors (one file or folder each beside this one).
"""

from __future__ import annotations

from quality_platform.api.ingest.contract import Door
from quality_platform.api.ingest.otlp.doors import DOORS as OTLP
from quality_platform.api.ingest.own_errors import DOOR as OWN_ERRORS
from quality_platform.api.ingest.own_events import DOOR as OWN_EVENTS
from quality_platform.api.ingest.own_metrics import DOOR as OWN_METRICS
from quality_platform.api.ingest.posthog.door import DOOR as POSTHOG
from quality_platform.api.ingest.remote_write import DOOR as REMOTE_WRITE
from quality_platform.api.ingest.segment.door import DOOR as SEGMENT
from quality_platform.api.ingest.sentry.door import DOOR as SENTRY
from quality_platform.api.ingest.statsd.door import DOOR as STATSD
from quality_platform.api.ingest.turned_away import DOOR as TURNED_AWAY

DOORS: tuple[Door, ...] = (
    OWN_METRICS,
    OWN_ERRORS,
    OWN_EVENTS,
    SENTRY,
    POSTHOG,
    SEGMENT,
    *OTLP,
    REMOTE_WRITE,
    STATSD,
    TURNED_AWAY,
)

_BY_NAME = {door.name: door for door in DOORS}


def door_named(name: str) -> Door:
    """The door called `name`; KeyError when there is none."""
    return _BY_NAME[name]
