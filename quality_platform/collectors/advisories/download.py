"""A copy of a database that is far away, renewed once a day.

Does not belong here: reading it (`reading.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from quality_platform.collectors.web.get import Limits, UnansweredError, get
from quality_platform.errors import SourceError
from quality_platform.model.configuration import AdvisorySource

EVERY = timedelta(days=1)
LIMITS = Limits(seconds=300.0, body_bytes=1_000_000_000, redirects=3)
OK = 200


def bring_near(options: AdvisorySource, place: Path, now: datetime) -> bool:
    """Renew the copy at `place` where it is older than `EVERY`; whether it was renewed.

    Without an answer an old copy serves on: its age is a metric. Raises SourceError where there is none.
    """
    if options.url is None:
        return False
    there = place.exists()
    if there and now - datetime.fromtimestamp(place.stat().st_mtime, UTC) < EVERY:
        return False
    try:
        answer = get(options.url, LIMITS, {})
        reason = "" if answer.status == OK and not answer.cut else f"answer {answer.status}"
    except UnansweredError as error:
        reason = str(error)
    if reason:
        if there:
            return False
        raise SourceError(f"The advisories cannot be fetched: {reason}.", hint="Set advisories.path to a copy.")
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_suffix(".new")
    fresh.write_bytes(answer.body)
    fresh.replace(place)
    return True
