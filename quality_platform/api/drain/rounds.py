"""One round of the drain: read what is next, decode, store in one transaction, remember, forget.

Killed anywhere, the next round repeats what is not in the lake and nothing that is: the newest batch of this spool says
how far the lake is. The order is lake, identities, spool; each step is durable before the next.

Belongs here: the order of the steps. Does not belong here: the process around it (`process.py`).
"""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quality_platform.api.drain.seen import Seen
from quality_platform.api.drain.sorting import Sorted, duplicates
from quality_platform.api.ingest.contract import Decoded, Decoding, Refusal
from quality_platform.api.ingest.registry import door_named
from quality_platform.model.batch import Appended, Batch
from quality_platform.settings import Settings
from quality_platform.spool.database import ERASED, SpoolFile
from quality_platform.spool.item import Spooled
from quality_platform.warehouse.lake import Lake

LOG = logging.getLogger(__name__)

MOST_ENTRIES = 10_000
MOST_BYTES = 16 * 1024 * 1024
_CURSOR = """
SELECT read_from FROM raw.batches
WHERE collector = 'live' AND json_extract_string(read_from, '$.spool') = ? ORDER BY snapshot_id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Round:
    """What a round brought to the lake. `last` is the place that the spool may be forgotten up to; a round `is_full`
    when it took as much as one may, so that more may wait."""

    last: int
    entries: int
    batches: Sequence[Batch]
    appended: Appended | None
    oldest_received_at: int
    is_full: bool


class Drain:
    """Brings one spool to the lake. One at a time for a spool: the caller holds its lock."""

    def __init__(self, settings: Settings, lake: Lake, decoding: Decoding) -> None:
        self._lake = lake
        self._decoding = decoding
        self._file = SpoolFile(settings, writable=False)
        self._seen = Seen(settings)
        self._place = self._stored_up_to()
        self._repeat_marks()

    @property
    def spool_id(self) -> str:
        """Identity of the spool."""
        return self._file.id

    @property
    def place(self) -> int:
        """Place that the lake has come to."""
        return self._place

    def close(self) -> None:
        """Let go of the files."""
        self._file.close()
        self._seen.close()

    def round(self) -> Round | None:
        """Store what is next; None when nothing waits. Raises LakeError when the lake cannot be written now."""
        found = self._file.read(self._place, most=MOST_ENTRIES, most_bytes=MOST_BYTES)
        if not found:
            return None
        pairs = [(spooled, self._decode(spooled)) for spooled in found]
        known, fresh = duplicates(pairs, self._seen)
        batches = list(self._batches(pairs, known))
        appended = self._lake.append_next(batches)
        self._seen.mark(fresh, found[-1].entry.received_at)
        self._place = found[-1].place
        is_full = len(found) >= MOST_ENTRIES or sum(len(each.entry.body) for each in found) >= MOST_BYTES
        return Round(self._place, len(found), batches, appended, found[0].entry.received_at, is_full)

    def resume(self) -> None:
        """Ask the lake anew how far it is, after a commit whose end is not known."""
        self._place = max(self._place, self._stored_up_to())

    def _batches(self, pairs: Sequence[tuple[Spooled, Decoded]], known: set[int]) -> Iterator[Batch]:
        projects: dict[str, Sorted] = {}
        for spooled, decoded in pairs:
            project = spooled.entry.project
            projects.setdefault(project, Sorted(project)).take(spooled, decoded, known)
        read_from = {"spool": self.spool_id, "first": pairs[0][0].place, "last": pairs[-1][0].place}
        for each in projects.values():
            yield each.batch(read_from)

    def _decode(self, spooled: Spooled) -> Decoded:
        """What a request holds. A fault of ours costs no other request: this one is counted and said in the log."""
        if spooled.entry.door == ERASED:
            return Decoded()
        try:
            return door_named(spooled.entry.door).decode(spooled.entry, self._decoding)
        except Exception as error:
            # without the error's text, which may hold what the client sent
            where = "".join(traceback.format_tb(error.__traceback__))
            LOG.error(
                "request %d of door %s: %s at\n%s", spooled.place, spooled.entry.door, type(error).__name__, where
            )
            decoded = Decoded()
            items = _items(spooled)
            decoded.received.update(items)
            message = f"The decoder failed: {type(error).__name__}."
            decoded.refused = [Refusal(category, "internal", message, quantity=n) for category, n in items.items()]
            return decoded

    def _stored_up_to(self) -> int:
        rows = self._lake.rows(_CURSOR, [self.spool_id])
        return int(json.loads(rows[0]["read_from"])["last"]) if rows else 0

    def _repeat_marks(self) -> None:
        """Entries that are in the lake and still in the spool: a crash came before their identities were marked."""
        after = 0
        while found := self._file.read(after, most=MOST_ENTRIES, most_bytes=MOST_BYTES):
            stored = [spooled for spooled in found if spooled.place <= self._place]
            if not stored:
                return
            _, fresh = duplicates([(spooled, self._decode(spooled)) for spooled in stored], self._seen)
            self._seen.mark(fresh, int(time.time() * 1e6))
            after = stored[-1].place


def _items(spooled: Spooled) -> dict[str, int]:
    items = spooled.entry.meta.get("items")
    return {str(name): int(n) for name, n in items.items()} if isinstance(items, dict) and items else {"other": 1}
