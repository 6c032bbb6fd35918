"""The steps that every walk ends with: raw rows, the batches that brought them, their runs and sources.

Does not belong here: where a walk begins (`walk.py`, `scanned.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from quality_platform.lineage.origins import Origin
from quality_platform.warehouse.lake import Lake

BATCHES = "SELECT * FROM raw.batches WHERE batch_id IN (SELECT unnest(?)) ORDER BY snapshot_id DESC LIMIT 50"


@dataclass(frozen=True, slots=True)
class Node:
    """A step of the walk: what it is, its name, facts about it, and the steps behind it."""

    kind: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    children: tuple[Node, ...] = ()


def raw_rows(lake: Lake, found: Origin) -> Node:
    """The raw rows and what is behind them."""
    shown = tuple(Node("row", text) for text in found.examples)
    return Node("raw rows", f"raw.{found.table}", {"rows": found.rows}, (*shown, *_batches(lake, found.batch_ids)))


def _batches(lake: Lake, batch_ids: Sequence[str]) -> tuple[Node, ...]:
    rows = lake.rows(BATCHES, [list(batch_ids)])
    return tuple(_batch(row) for row in rows)


def _batch(row: dict[str, Any]) -> Node:
    facts = {
        "collector": f"{row['collector']} {row['collector_version']}",
        "ingested_at": row["ingested_at"],
        "snapshot_id": row["snapshot_id"],
        "rows": row["row_count"],
    }
    source = Node("source", row["source_id"], dict(json.loads(row["read_from"])))
    run = Node("run", row["run_id"] or "outside a run (sensor or command line)", {}, (source,))
    return Node("batch", row["batch_id"], facts, (run,))
