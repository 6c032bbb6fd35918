"""The raw tables, by name. One contract each; DDL, validation, expectations and docs are derived from it.

Belongs here: the registry `RAW_TABLES` and the two tables of the ledger. Does not belong here: the tables
of one area (`tables_code.py`, `tables_runtime.py`, `tables_live.py`), or marts (whoever writes
them describes those).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from quality_platform.model.columns import PROVENANCE, Column, Table
from quality_platform.model.tables_advisories import ADVISORIES
from quality_platform.model.tables_code import CODE_TABLES
from quality_platform.model.tables_live import CLIENT_LOSSES, INGEST_COUNTS, LIVE_TABLES, REQUEST_SAMPLES, SESSIONS
from quality_platform.model.tables_reports import CODE_REVIEWS, REPORTED_FINDINGS
from quality_platform.model.tables_runtime import ERROR_EVENTS, METRIC_SAMPLES, RUNTIME_TABLES, USAGE_EVENTS
from quality_platform.model.tables_trees import TREE_TABLES

BATCHES = Table(
    name="batches",
    description="The ledger: what was read, by what, when, and how many rows it gave.",
    grain="one row per batch; written in the transaction of the batch's rows",
    key=("batch_id",),
    columns=(
        *PROVENANCE,
        Column("collector", "string", "Collector that read the source.", required=True),
        Column("collector_version", "string", "Version of that collector's output.", required=True),
        Column("read_from", "string", "What was read, as JSON: commit, file and offset, digest.", required=True),
        Column("row_count", "integer", "Rows stored, over all tables.", required=True, minimum=0),
        Column("rejected_count", "integer", "Rows put in quarantine.", required=True, minimum=0),
        Column("tables", "string", "Rows per table, as JSON.", required=True),
        Column("run_id", "string", "Dagster run or process that wrote it."),
        Column("snapshot_id", "integer", "Snapshot of the raw catalog that the batch made.", required=True),
    ),
)

QUARANTINE = Table(
    name="quarantine",
    description="What could not be accepted, with the reason and the original bytes.",
    grain="one row per refused item",
    key=("batch_id", "position"),
    columns=(
        Column("table_name", "string", "Raw table that the item was meant for.", required=True),
        Column("position", "string", "Where in the source it stood: line, offset, row.", required=True),
        Column("field", "string", "Field that was wrong, where it is one field."),
        Column("reason", "string", "Why it was refused and what would be accepted.", required=True),
        Column("original", "bytes", "The item as it came, cut at 64 KiB."),
    ),
)

_TABLES = (
    *CODE_TABLES, *TREE_TABLES, ADVISORIES, REPORTED_FINDINGS, CODE_REVIEWS, *RUNTIME_TABLES, *LIVE_TABLES, QUARANTINE,
)  # fmt: skip
RAW_TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _TABLES})

SENT_BY_CLIENTS: frozenset[str] = frozenset(
    table.name
    for table in (
        METRIC_SAMPLES, ERROR_EVENTS, USAGE_EVENTS, REQUEST_SAMPLES, SESSIONS, CLIENT_LOSSES, INGEST_COUNTS,
    )
)  # fmt: skip
"""Raw tables that live clients fill, besides the collectors of some of them."""
