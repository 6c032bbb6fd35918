"""What was kept aside is tried again, once the fault is mended: as if it came now, with the instant at which it came.

Killed anywhere, the next time finishes it: the batch is named after the file, so that the lake takes it once, and the
file goes last. In the ledger it is received a second time, as a client's own retry would be. It works beside a drain;
only a client that sends the same again within the same moment could be stored beside it.

Belongs here: from a kept file to the lake. Does not belong here: why it was kept (`rounds.py`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from quality_platform.api.drain.faults import INVALIDATING, lies_in_data
from quality_platform.api.drain.seen import Seen
from quality_platform.api.drain.sorting import batches, duplicates
from quality_platform.api.ingest.contract import Decoding
from quality_platform.api.ingest.registry import door_named
from quality_platform.model.tables_live import INGEST_COUNTS
from quality_platform.settings import Settings
from quality_platform.spool.aside import Kept
from quality_platform.spool.item import Entry, Spooled
from quality_platform.warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a file. It is gone, and `items` counts by outcome; or it stays, and `cause` says why."""

    name: str
    cause: str = ""
    items: Counter[str] = field(default_factory=Counter)


def bring_back(settings: Settings, lake: Lake, wanted: Iterable[Kept]) -> Iterator[Tried]:
    """Store each file of `wanted` and delete it. Raises what passes (`faults.PASSING`): then repeat it."""
    decoding = Decoding(settings.secret)
    with closing(Seen(settings)) as seen:
        for kept in wanted:
            yield _tried(kept, lake, seen, decoding)


def _tried(kept: Kept, lake: Lake, seen: Seen, decoding: Decoding) -> Tried:
    if kept.entries is None:
        return Tried(kept.name, "it does not open")
    try:
        items = _stored(kept, kept.entries, lake, seen, decoding)
    except Exception as error:
        if isinstance(error, INVALIDATING):
            lake.close()
        if not lies_in_data(error):
            raise
        return Tried(kept.name, type(error).__name__)
    kept.drop()
    return Tried(kept.name, items=items)


def _stored(kept: Kept, entries: tuple[Entry, ...], lake: Lake, seen: Seen, decoding: Decoding) -> Counter[str]:
    """Items by outcome, once they are in the lake and their identities are remembered."""
    pairs = [(Spooled(kept.place, entry), door_named(entry.door).decode(entry, decoding)) for entry in entries]
    known, fresh = duplicates(pairs, seen)
    # not the spool's own name, which would make it the drain's cursor
    read_from = {"spool": f"aside {kept.name}", "first": kept.place, "last": kept.place}
    items: Counter[str] = Counter()
    for batch in batches(pairs, known, read_from):
        lake.append(batch)
        for row in batch.tables[INGEST_COUNTS.name].select(["outcome", "quantity"]).to_pylist():
            items[row["outcome"]] += row["quantity"]
    seen.mark(fresh, int(time.time() * 1e6))
    return items
