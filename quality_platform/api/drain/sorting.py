"""Decoded requests into batches: duplicates apart, each item counted once, bad rows to quarantine.

Belongs here: what becomes of every item. Does not belong here: decoding (`api/ingest/`) or storing (`rounds.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from quality_platform.api.drain.seen import Seen, fingerprint
from quality_platform.api.ingest.contract import Decoded, Group, Loss, Refusal
from quality_platform.collectors.rows import table_of
from quality_platform.configuration.effective import SELF
from quality_platform.ingestion.validation import checked
from quality_platform.model.batch import Batch, Rejected, Source, batch_id
from quality_platform.model.tables import RAW_TABLES
from quality_platform.model.tables_live import CLIENT_LOSSES, INGEST_COUNTS
from quality_platform.spool.item import Spooled

COLLECTOR, VERSION = "live", "1"
HOUR = 3_600_000_000

Place = tuple[int, str, str]
"""Hour, door and category of an item."""


@dataclass(slots=True)
class Sorted:
    """What one project gets of a round."""

    project: str
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    places: dict[str, list[Place]] = field(default_factory=dict)
    counts: Counter[tuple[Place, str, str]] = field(default_factory=Counter)
    rejected: list[Rejected] = field(default_factory=list)
    requests: int = 0

    def take(self, spooled: Spooled, decoded: Decoded, duplicates: set[int]) -> None:
        """Sort one request; `duplicates` are the `id()`s of groups that are known already."""
        entry = spooled.entry
        hour = entry.received_at // HOUR * HOUR
        self.requests += 1
        for category, quantity in decoded.received.items():
            self._count((hour, entry.door, category), "received", "", quantity)
        for group in decoded.groups:
            self._group(group, (hour, entry.door, group.category), duplicate=id(group) in duplicates)
        for refusal in decoded.refused:
            self._refuse(refusal, (hour, entry.door, refusal.category), spooled.place)
        for number, loss in enumerate(decoded.lost):
            self._lose(loss, (hour, entry.door, loss.category), f"{spooled.place}-{number}")

    def _count(self, place: Place, outcome: str, reason: str, quantity: int) -> None:
        self.counts[place, outcome, reason] += quantity

    def _group(self, group: Group, place: Place, *, duplicate: bool) -> None:
        self._count(place, "duplicate" if duplicate else "stored", "", len(group.rows))
        if duplicate:
            return
        for name, row in group.rows:
            self.rows.setdefault(name, []).append(row)
            self.places.setdefault(name, []).append(place)

    def _refuse(self, refusal: Refusal, place: Place, at: int) -> None:
        self._count(place, "rejected", refusal.reason, refusal.quantity)
        if refusal.message:
            item = Rejected(refusal.table, f"request {at}", refusal.message, refusal.field, refusal.kept)
            self.rejected.append(item)

    def _lose(self, loss: Loss, place: Place, at: str) -> None:
        self._count(place, "lost", loss.reason, loss.quantity)
        row = (f"loss-{at}", loss.at, loss.client, loss.category, loss.reason, loss.quantity)
        self.rows.setdefault(CLIENT_LOSSES.name, []).append(row)

    def batch(self, read_from: Mapping[str, object]) -> Batch:
        """The batch of this project: rows that keep their contracts, the others in quarantine, the ledger's rows."""
        source = Source(f"live:{self.project}", "live", self.project, f"Live clients of {self.project}")
        identity = batch_id(source.source_id, read_from["spool"], read_from["first"], read_from["last"])
        tables = {name: table_of(RAW_TABLES[name], rows) for name, rows in self.rows.items()}
        read = {**read_from, "requests": self.requests}
        drafted = Batch(identity, source, COLLECTOR, VERSION, read, tables, tuple(self.rejected))
        good = checked(drafted)
        self._move(good.rejected[len(self.rejected) :])
        counts = [(*place, outcome, reason, count) for (place, outcome, reason), count in self.counts.items() if count]
        ledger = table_of(INGEST_COUNTS, sorted(counts))
        return Batch(
            identity, source, COLLECTOR, VERSION, read, {**good.tables, INGEST_COUNTS.name: ledger}, good.rejected
        )

    def _move(self, refused: Iterable[Rejected]) -> None:
        """Rows that a contract refused were counted as stored; now they are rejected."""
        for item in refused:
            places = self.places.get(item.table)
            if places is None:
                continue
            place = places[int(item.position.removeprefix("row "))]
            self._count(place, "stored", "", -1)
            self._count(place, "rejected", f"invalid_{item.field}", 1)


def batches(
    pairs: Iterable[tuple[Spooled, Decoded]], known: set[int], read_from: Mapping[str, object]
) -> Iterator[Batch]:
    """The batch of each project in `pairs`; `known` are the `id()`s of groups that are in the lake already."""
    projects: dict[str, Sorted] = {}
    for spooled, decoded in pairs:
        project = spooled.entry.project or SELF
        projects.setdefault(project, Sorted(project)).take(spooled, decoded, known)
    for each in projects.values():
        yield each.batch(read_from)


def duplicates(pairs: Iterable[tuple[Spooled, Decoded]], seen: Seen) -> tuple[set[int], list[bytes]]:
    """`id()`s of the groups that are known already, or came twice in these; and the fingerprints that are new."""
    marks = [
        (id(group), fingerprint(spooled.entry.project, group.category, group.identity))
        for spooled, decoded in pairs
        for group in decoded.groups
        if group.identity
    ]
    known = seen.known({mark for _, mark in marks})
    found: set[int] = set()
    fresh: list[bytes] = []
    for group, mark in marks:
        if mark in known:
            found.add(group)
        else:
            known.add(mark)
            fresh.append(mark)
    return found, fresh
