"""Assets of the explanations: what moved with a step, what is slow. After the verdicts, which do not wait for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from quality_platform.assessment.bottlenecks import write_bottlenecks
from quality_platform.assessment.causes import write_causes
from quality_platform.defs import keys
from quality_platform.defs.assess import SERIES_LINEAGE, TIMES, VALUES
from quality_platform.defs.platform import Platform
from quality_platform.defs.written_marts import spec
from quality_platform.model.columns import Table
from quality_platform.model.tables_explanations import BOTTLENECKS, METRIC_CHANGE_CAUSES
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
    yield _written(platform, METRIC_CHANGE_CAUSES, write_causes(platform.lake, datetime.now(UTC)))


REQUESTS = {name: [("raw.request_samples", name)] for name in ("project", "service", "batch_id")}
SAMPLES = [("raw.metric_samples", "value")]
DURATIONS = [("raw.request_samples", "duration_ms")]


@dg.multi_asset(
    name="bottlenecks",
    specs=[
        spec(
            BOTTLENECKS,
            [keys.raw("request_samples"), keys.raw("metric_samples")],
            lineage={
                **REQUESTS, "name": [("raw.request_samples", "route"), ("raw.metric_samples", "metric")],
                "score": [*DURATIONS, *SAMPLES], "correlation": [*DURATIONS, *SAMPLES],
                "p_value": [*DURATIONS, *SAMPLES],
                **dict.fromkeys(
                    ("share_of_time", "share_of_tail", "calls", "mean_ms", "p95_ms", "requests_p95_ms"), DURATIONS
                ),
                **dict.fromkeys(("use_p95", "use_max", "use_when_slow"), SAMPLES),
                "window_end": [("raw.request_samples", "event_time")],
            },
        ),
    ],
)  # fmt: skip
def bottlenecks(platform: dg.ResourceParam[Platform]) -> Iterator[dg.MaterializeResult[None]]:
    """Rank what slow requests of the last day and week have to do with."""
    yield _written(platform, BOTTLENECKS, write_bottlenecks(platform.lake, datetime.now(UTC)))


def _written(platform: Platform, table: Table, rows: int) -> dg.MaterializeResult[None]:
    facts = {"rows_written": rows, "snapshot_id": platform.lake.snapshot_id("marts")}
    return dg.MaterializeResult(asset_key=keys.mart(table.name), metadata=facts)
