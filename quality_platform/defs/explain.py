"""Assets of the explanations: what moved with a step. After the verdicts, which do not wait for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from quality_platform.assessment.causes import write_causes
from quality_platform.defs import keys
from quality_platform.defs.assess import SERIES_LINEAGE, TIMES, VALUES, spec
from quality_platform.defs.platform import Platform
from quality_platform.model.tables_explanations import METRIC_CHANGE_CAUSES
from quality_platform.model.tables_verdicts import METRIC_CHANGES

PARTS = [
    ("raw.code_files", "path"), ("raw.code_functions", "qualified_name"), ("raw.code_findings", "rule"),
    ("raw.code_commits", "commit_sha"), ("marts.error_events", "group_key"), ("raw.request_samples", "route"),
    ("raw.usage_events", "event_name"), ("raw.sessions", "release"), ("raw.quarantine", "reason"),
    ("raw.ingest_counts", "door"),
]  # fmt: skip


@dg.multi_asset(
    name="explanations",
    specs=[
        spec(
            METRIC_CHANGE_CAUSES,
            [keys.mart(METRIC_CHANGES.name), keys.intermediate("int_calls_hourly"), keys.intermediate("int_blobs")],
            lineage={
                **SERIES_LINEAGE, "changed_at": [("marts.metric_changes", "changed_at")], "part": PARTS,
                "effect": VALUES, "contribution": VALUES, "share": VALUES, "before": VALUES, "after": VALUES,
                "window_start": TIMES, "window_end": TIMES,
            },
        ),
    ],
)  # fmt: skip
def explanations(platform: dg.ResourceParam[Platform]) -> Iterator[dg.MaterializeResult[None]]:
    """Explain the steps that are new or whose window has grown."""
    rows = write_causes(platform.lake, datetime.now(UTC))
    facts = {"rows_written": rows, "snapshot_id": platform.lake.snapshot_id("marts")}
    yield dg.MaterializeResult(asset_key=keys.mart(METRIC_CHANGE_CAUSES.name), metadata=facts)
