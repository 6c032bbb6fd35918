"""Asking one target for its metrics.

Belongs here: the request, which answers count. Does not belong here: reading them (`exposition.py`).
"""

from __future__ import annotations

from quality_platform.collectors.scrape.exposition import Exposition, UnreadableError, read
from quality_platform.collectors.web.bearer import bearer
from quality_platform.collectors.web.get import MOST_REDIRECTS, Limits, UnansweredError, get
from quality_platform.errors import ConfigurationError
from quality_platform.model.live_sources import ScrapeTarget

BODY_LIMIT = 10 * 1024 * 1024
ACCEPT = (
    "application/openmetrics-text;version=1.0.0;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)  # fmt: skip


def fetch(target: ScrapeTarget) -> Exposition | str:
    """What the target shows, or why there is nothing."""
    headers = {"Accept": ACCEPT, "Accept-Encoding": "gzip"}
    try:
        headers |= bearer("bearer_token", target.bearer_token)
        answer = get(target.url, Limits(target.timeout_seconds, BODY_LIMIT, MOST_REDIRECTS), headers, target.ca_file)
        if answer.status != 200:
            return f"status {answer.status}"
        return read(answer.body, answer.headers.get("content-type", ""), target.timeout_seconds, cut=answer.cut)
    except (UnansweredError, UnreadableError, ConfigurationError) as error:
        return str(error)
