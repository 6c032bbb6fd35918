"""What a collector hands over: a batch of rows with its provenance, and what it had to refuse.

Belongs here: the frozen types that cross from `collectors/` to the lake. Does not belong here: reading
(`collectors/`), checking (`ingestion/`) or writing (`warehouse/`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

ORIGINAL_LIMIT = 64 * 1024
ANY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from. `source_id` is stable: `kind:name`, such as `repository:flask`."""

    source_id: str
    kind: str
    project: str
    title: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """One item that was refused: where it stood, why, and its bytes (cut at 64 KiB)."""

    table: str
    position: str
    reason: str
    field: str | None = None
    original: bytes | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows for one or more raw tables that are stored together or not at all.

    `tables` maps a raw table's name to rows in that table's `schema` (no provenance columns). `read_from`
    says what was read and where to go on; the newest batch of a source is the source's cursor.
    """

    batch_id: str
    source: Source
    collector: str
    collector_version: str
    read_from: Mapping[str, object]
    tables: Mapping[str, pa.Table]
    rejected: tuple[Rejected, ...] = field(default=())

    @property
    def row_count(self) -> int:
        """Rows over all tables."""
        return sum(table.num_rows for table in self.tables.values())


@dataclass(frozen=True, slots=True)
class Appended:
    """What the lake answered: `stored` is False when the batch was already there."""

    batch_id: str
    stored: bool
    row_count: int
    rejected_count: int
    snapshot_id: int
    ingested_at: datetime


class History(Protocol):
    """What a collector may ask about what is already stored. Implemented by the lake."""

    def cursor(self, source_id: str) -> Mapping[str, object] | None:
        """`read_from` of the newest batch of `source_id`; None when there is none."""
        ...

    def known(self, table: str, column: str, project: str, where: Mapping[str, str] = ANY) -> frozenset[str]:
        """Distinct values of `column` in `raw.table` for `project`, of rows with the values in `where`."""
        ...


def batch_id(*parts: object) -> str:
    """Identity of a batch from what was read: the same reading gives the same identity."""
    text = json.dumps(parts, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
