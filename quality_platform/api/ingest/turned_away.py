"""What was refused at a door, for the ledger: summed up for a few seconds, then spooled like everything else.

Belongs here: the sums, and the internal door that makes ledger rows of them. Does not belong here: refusing.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping

import orjson

from quality_platform.api.ingest.contract import Decoded, Decoding, Refusal
from quality_platform.api.ingest.without_http import door_without_http
from quality_platform.model.tables_live import CATEGORIES
from quality_platform.spool.item import Entry

NAME = "refused"
MOST_KINDS = 10_000


class TurnedAway:
    """Counts by project, door, category and reason."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, str, str]] = Counter()

    def add(self, project: str, door: str, items: Mapping[str, int], reason: str) -> None:
        """Count a refused request's items."""
        with self._lock:
            for category, quantity in items.items():
                kind = (project, door, category, reason)
                if kind in self._counts or len(self._counts) < MOST_KINDS:
                    self._counts[kind] += quantity

    def entries(self) -> list[Entry]:
        """What was counted since the last time, one entry for each project."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        by_project: dict[str, list[tuple[str, str, str, int]]] = {}
        for (project, door, category, reason), quantity in counts.items():
            by_project.setdefault(project, []).append((door, category, reason, quantity))
        now = int(time.time() * 1e6)
        return [Entry(project, NAME, now, orjson.dumps(rows)) for project, rows in by_project.items()]


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """Counts alone: there is nothing to store, and nothing for quarantine."""
    decoded = Decoded()
    for _, category, reason, quantity in orjson.loads(entry.body):
        known = category if category in CATEGORIES else "other"
        decoded.received[known] += quantity
        decoded.refused.append(Refusal(known, reason, "", quantity=quantity))
    return decoded


DOOR = door_without_http(
    NAME, "Refused at the door", "Counts of what no door took: over quota, too large, no key's project.", decode=decode
)
