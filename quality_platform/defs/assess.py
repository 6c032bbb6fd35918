"""Assets of the verdicts after dbt: trends and steps. What the models read: `inputs.py`."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from quality_platform.alerting.drawn import limits
from quality_platform.assessment.crossings import write_crossings
from quality_platform.assessment.judging import judge_series
from quality_platform.assessment.series import KEY
from quality_platform.assessment.stories import write_stories
from quality_platform.defs import keys
from quality_platform.defs.platform import Platform
from quality_platform.defs.written_marts import spec
from quality_platform.model.tables_verdicts import (
    CHANGE_STORIES,
    METRIC_ANOMALIES,
    METRIC_CHANGES,
    METRIC_CROSSINGS,
    METRIC_FORECASTS,
    METRIC_TRENDS,
    SERIES_JUDGED,
)

VERDICTS = (
    METRIC_TRENDS, METRIC_CHANGES, METRIC_ANOMALIES, METRIC_FORECASTS, METRIC_CROSSINGS, CHANGE_STORIES, SERIES_JUDGED,
)  # fmt: skip
OBSERVATIONS = keys.mart("fct_observations")
SERIES_LINEAGE = {
    name: [("marts.fct_observations", name)] for name in ("metric", "project", "subject", "labels", "batch_id")
}
VALUES = [("marts.fct_observations", "value")]
TIMES = [("marts.fct_observations", "observed_at")]


@dg.multi_asset(
    name="verdicts",
    specs=[
        spec(
            METRIC_TRENDS,
            [OBSERVATIONS],
            lineage={**SERIES_LINEAGE, "slope_per_day": [*VALUES, *TIMES], "p_value": VALUES, "last_value": VALUES,
                     "change_percent": VALUES, "window_start": TIMES, "window_end": TIMES},
        ),
        spec(
            METRIC_CHANGES,
            [OBSERVATIONS],
            lineage={**SERIES_LINEAGE, "before": VALUES, "after": VALUES, "effect": VALUES, "effect_percent": VALUES,
                     "p_value": VALUES, "changed_at": TIMES, "commit_sha": [("raw.code_commits", "commit_sha")]},
        ),
        spec(
            METRIC_ANOMALIES,
            [OBSERVATIONS],
            lineage={**SERIES_LINEAGE, "observed_at": TIMES, "reported_at": TIMES, "value": VALUES, "expected": VALUES,
                     "score": VALUES, "p_value": VALUES},
        ),
        spec(
            METRIC_FORECASTS,
            [OBSERVATIONS],
            lineage={**SERIES_LINEAGE, "forecast_at": TIMES, "made_from": TIMES, "expected": VALUES, "lower": VALUES,
                     "upper": VALUES, "last_value": VALUES, "error": VALUES},
        ),
        spec(
            METRIC_CROSSINGS,
            [OBSERVATIONS],
            lineage={**SERIES_LINEAGE, "known_at": TIMES,
                     **{name: [*VALUES, *TIMES] for name in ("expected_at", "earliest_at", "latest_at")}},
        ),
        spec(
            CHANGE_STORIES,
            [OBSERVATIONS],
            lineage={**{name: SERIES_LINEAGE[name] for name in KEY}, "changed_at": TIMES, "started_at": TIMES,
                     "ended_at": TIMES, "commit_sha": [("raw.code_commits", "commit_sha")]},
        ),
        spec(
            SERIES_JUDGED,
            [OBSERVATIONS],
            lineage={**{name: SERIES_LINEAGE[name] for name in KEY}, "points": VALUES, "judged_from": TIMES,
                     "judged_to": TIMES, "fingerprint": [*VALUES, *TIMES]},
        ),
    ],
)  # fmt: skip
def verdicts(platform: dg.ResourceParam[Platform]) -> Iterator[dg.MaterializeResult[None]]:
    """Judge every series that has something new, for all marts."""
    found = judge_series(platform.lake, datetime.now(UTC))
    rows = {**found.rows, SERIES_JUDGED.name: found.series}
    if found.series:
        rows[CHANGE_STORIES.name] = write_stories(platform.lake)
    rows[METRIC_CROSSINGS.name] = write_crossings(platform.lake, limits(platform.plan))
    snapshot = platform.lake.snapshot_id("marts")
    for table in VERDICTS:
        facts = {"rows_written": rows.get(table.name, 0), "series_judged": found.series, "snapshot_id": snapshot}
        yield dg.MaterializeResult(asset_key=keys.mart(table.name), metadata=facts)
