"""One round of the drain: read what is next, decode, store in one transaction, remember, forget.

Killed anywhere, the next round repeats what is not in the lake and nothing that is: the newest batch of this spool says
how far the lake is. The order is lake, identities, spool; each step is durable before the next.

Belongs here: the order of the steps, and what becomes of a request that no step can take. Does not belong here: the
process around it (`process.py`).
"""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace

from quality_platform.api.drain.faults import INVALIDATING, lies_in_data
from quality_platform.api.drain.seen import Seen
from quality_platform.api.drain.sorting import batches, duplicates
from quality_platform.api.ingest.contract import Decoded, Decoding, Refusal
from quality_platform.api.ingest.registry import door_named
from quality_platform.model.batch import Appended, Batch
from quality_platform.settings import Settings
from quality_platform.spool.aside import Aside
from quality_platform.spool.item import UNREADABLE, Spooled
from quality_platform.spool.reader import SpoolReader
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

    def __add__(self, later: Round) -> Round:
        appended = later.appended and self.appended and replace(
            later.appended,
            row_count=self.appended.row_count + later.appended.row_count,
            rejected_count=self.appended.rejected_count + later.appended.rejected_count,
        )  # fmt: skip
        return replace(
            later, entries=self.entries + later.entries, batches=(*self.batches, *later.batches), appended=appended,
            oldest_received_at=min(self.oldest_received_at, later.oldest_received_at),
            is_full=self.is_full or later.is_full,
        )  # fmt: skip


def stored_up_to(lake: Lake, spool_id: str) -> int:
    """The place of a spool that the lake has come to; 0 when it holds nothing of it."""
    rows = lake.rows(_CURSOR, [spool_id])
    return int(json.loads(rows[0]["read_from"])["last"]) if rows else 0


class Drain:
    """Brings one spool to the lake. One at a time for a spool: the caller holds its lock."""

    def __init__(self, settings: Settings, lake: Lake, decoding: Decoding) -> None:
        self._lake = lake
        self._decoding = decoding
        self._file = SpoolReader(settings)
        self._seen = Seen(settings)
        self._aside = Aside(settings, self._file.id)
        self._place = 0
        self._is_sure = False
        self.resume()

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
        """Store what is next; None when nothing waits. Raises what passes (`faults.PASSING`), to be tried again."""
        self.resume()
        found = self._file.read(self._place, most=MOST_ENTRIES, most_bytes=MOST_BYTES)
        if not found:
            return None
        is_full = len(found) >= MOST_ENTRIES or sum(len(each.entry.body) for each in found) >= MOST_BYTES
        return replace(self._bring(found), is_full=is_full)

    def resume(self) -> None:
        """After a start, or a commit whose end is not known: ask the lake how far it is, and mark what it holds.

        Nothing is stored before both are done, since it might be there already.
        """
        if not self._is_sure:
            self._place = max(self._place, self._stored_up_to())
            self._repeat_marks()
            self._is_sure = True

    def _bring(self, found: Sequence[Spooled]) -> Round:
        """Store `found` in one commit; where that can never succeed, halve it until the culprit is alone."""
        try:
            return self._store([(spooled, self._decode(spooled)) for spooled in found])
        except Exception as error:
            self._is_sure = False
            if isinstance(error, INVALIDATING):
                self._lake.close()
            if not lies_in_data(error):
                raise
            _say("a round cannot be stored", found[0], error)
            cause = type(error).__name__
        self.resume()
        if self._place >= found[-1].place:  # it is in the lake after all
            return Round(found[-1].place, len(found), (), None, found[0].entry.received_at, is_full=False)
        if len(found) == 1:
            self._aside.keep(found[0])
            return self._store([(found[0], _refused(found[0], "internal", f"It cannot be stored: {cause}."))])
        middle = len(found) // 2
        return self._bring(found[:middle]) + self._bring(found[middle:])

    def _store(self, pairs: Sequence[tuple[Spooled, Decoded]]) -> Round:
        first, last = pairs[0][0], pairs[-1][0]
        known, fresh = duplicates(pairs, self._seen)
        read_from = {"spool": self.spool_id, "first": first.place, "last": last.place}
        found = list(batches(pairs, known, read_from))
        self._is_sure = False
        appended = self._lake.append_next(found)
        self._seen.mark(fresh, last.entry.received_at)
        self._place, self._is_sure = last.place, True
        return Round(last.place, len(pairs), found, appended, first.entry.received_at, is_full=False)

    def _decode(self, spooled: Spooled) -> Decoded:
        """What a request holds. A fault of ours costs no other request: this one is counted, said and kept aside."""
        if spooled.entry.door == UNREADABLE:
            self._aside.keep(spooled, sealed=True)
            return _refused(spooled, "unreadable", "It does not open: the platform's secret was another one.")
        try:
            return door_named(spooled.entry.door).decode(spooled.entry, self._decoding)
        except Exception as error:
            _say(f"door {spooled.entry.door} failed", spooled, error)
            self._aside.keep(spooled)
            return _refused(spooled, "internal", f"The decoder failed: {type(error).__name__}.")

    def _stored_up_to(self) -> int:
        return stored_up_to(self._lake, self.spool_id)

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


def _say(what: str, spooled: Spooled, error: Exception) -> None:
    # without the error's text, which may hold what the client sent
    where = "".join(traceback.format_tb(error.__traceback__))
    LOG.error("%s at request %d: %s at\n%s", what, spooled.place, type(error).__name__, where)


def _refused(spooled: Spooled, reason: str, message: str) -> Decoded:
    decoded = Decoded()
    items = _items(spooled)
    decoded.received.update(items)
    decoded.refused = [Refusal(category, reason, message, quantity=n) for category, n in items.items()]
    return decoded


def _items(spooled: Spooled) -> dict[str, int]:
    items = spooled.entry.meta.get("items")
    return {str(name): int(n) for name, n in items.items()} if isinstance(items, dict) and items else {"other": 1}
