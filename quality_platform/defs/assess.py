"""Assets of the verdicts: the catalogue and the security scores before dbt, trends and steps after it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from quality_platform.alerting.drawn import limits
from quality_platform.assessment.catalogue import write_catalogue
from quality_platform.assessment.crossings import write_crossings
from quality_platform.assessment.judging import judge_series
from quality_platform.assessment.licences import write_package_licences
from quality_platform.assessment.security import write_scores
from quality_platform.assessment.series import KEY
from quality_platform.assessment.stories import write_stories
from quality_platform.assessment.vulnerable import write_vulnerable_versions
from quality_platform.defs import keys
from quality_platform.defs.platform import Platform
from quality_platform.model.columns import Table
from quality_platform.model.tables_marts import (
    DEBT_RULES,
    GATE_CONDITIONS,
    METRIC_CATALOGUE,
    PACKAGE_LICENCES,
    PROJECT_CATALOGUE,
    SECURITY_SCORE_DEDUCTIONS,
    SECURITY_SCORES,
    VULNERABLE_VERSIONS,
)
from quality_platform.model.tables_verdicts import (
    CHANGE_STORIES,
    METRIC_ANOMALIES,
    METRIC_CHANGES,
    METRIC_CROSSINGS,
    METRIC_FORECASTS,
    METRIC_TRENDS,
    SERIES_JUDGED,
)

GROUP = "verdicts"
# before the models, which read them
INPUTS = "scores"


def spec(
    table: Table, deps: list[dg.AssetKey], *, lineage: dict[str, list[tuple[str, str]]], group: str = GROUP
) -> dg.AssetSpec:
    """The spec of a mart that Python writes, with its columns and where they come from."""
    found = dg.TableSchema([dg.TableColumn(c.name, c.sql, description=c.description) for c in table.columns])
    return dg.AssetSpec(
        keys.mart(table.name),
        deps=deps,
        group_name=group,
        kinds={"python", "ducklake"},
        description=f"{table.description} Grain: {table.grain}.",
        metadata={
            "dagster/table_name": f"marts.{table.name}",
            "dagster/column_schema": found,
            "dagster/column_lineage": dg.TableColumnLineage(
                {
                    column: [dg.TableColumnDep(dg.AssetKey(relation.split(".")), name) for relation, name in origins]
                    for column, origins in lineage.items()
                }
            ),
        },
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


CATALOGUES = (METRIC_CATALOGUE, PROJECT_CATALOGUE, GATE_CONDITIONS, DEBT_RULES)


@dg.multi_asset(
    name="catalogue",
    specs=[spec(table, [], lineage={}, group=INPUTS) for table in CATALOGUES],
)
def catalogue(platform: dg.ResourceParam[Platform]) -> Iterator[dg.MaterializeResult[None]]:
    """Write what the installed version and the configuration know."""
    counts = write_catalogue(platform.lake, platform.config)
    for table, count in zip(CATALOGUES, counts, strict=True):
        yield dg.MaterializeResult(asset_key=keys.mart(table.name), metadata=_facts(platform, count))


ADVISED = {
    **{name: [("raw.code_dependencies", name)] for name in ("ecosystem", "name", "specifier", "version")},
    **{name: [("raw.advisories", name)] for name in ("severity", "score", "weaknesses", "summary", "published")},
    "vulnerability": [("raw.advisories", "advisory_id"), ("raw.advisories", "aliases")],
    "advisories": [("raw.advisories", "advisory_id")],
    "status": [("raw.advisories", "ranges"), ("raw.advisories", "versions"), ("raw.code_dependencies", "version")],
    "fixed_in": [("raw.advisories", "ranges")],
}


@dg.multi_asset(
    name="vulnerable_versions",
    specs=[
        spec(
            VULNERABLE_VERSIONS, [keys.raw("code_dependencies"), keys.raw("advisories")], lineage=ADVISED, group=INPUTS
        )
    ],
)
def vulnerable_versions(platform: dg.ResourceParam[Platform]) -> Iterator[dg.MaterializeResult[None]]:
    """Look every named version up in the advisories."""
    rows = write_vulnerable_versions(platform.lake)
    yield dg.MaterializeResult(asset_key=keys.mart(VULNERABLE_VERSIONS.name), metadata=_facts(platform, rows))


@dg.multi_asset(
    name="package_licences",
    specs=[
        spec(
            PACKAGE_LICENCES,
            [keys.raw("code_dependencies")],
            lineage={name: [("raw.code_dependencies", "licence")] for name in ("licence", "verdict")},
            group=INPUTS,
        )
    ],
)
def package_licences(platform: dg.ResourceParam[Platform]) -> Iterator[dg.MaterializeResult[None]]:
    """Judge every licence that a lock names."""
    rows = write_package_licences(platform.lake, platform.config.licences)
    yield dg.MaterializeResult(asset_key=keys.mart(PACKAGE_LICENCES.name), metadata=_facts(platform, rows))


@dg.multi_asset(
    name="security_scores",
    specs=[
        spec(
            table,
            [keys.raw(f"code_{name}") for name in ("commits", "files", "file_metrics", "findings", "analyses")]
            + [keys.raw("code_dependencies"), keys.mart(VULNERABLE_VERSIONS.name)],
            lineage=lineage,
            group=INPUTS,
        )
        for table, lineage in (
            (
                SECURITY_SCORES,
                {
                    "project": [("raw.code_commits", "project")],
                    "commit_sha": [("raw.code_commits", "commit_sha")],
                    "committed_at": [("raw.code_commits", "committed_at")],
                    "score": [("raw.code_findings", "severity"), ("raw.code_findings", "confidence"),
                              ("raw.code_files", "path"), ("raw.code_file_metrics", "source_lines")],
                    "kloc": [("raw.code_file_metrics", "source_lines")],
                },
            ),
            (
                SECURITY_SCORE_DEDUCTIONS,
                {
                    **{name: [("raw.code_findings", name)] for name in ("tool", "rule", "line", "severity")},
                    "path": [("raw.code_files", "path")],
                    "points": [("raw.code_findings", "severity"), ("raw.code_findings", "confidence")],
                },
            ),
        )
    ],
)  # fmt: skip
def security_scores(platform: dg.ResourceParam[Platform]) -> Iterator[dg.MaterializeResult[None]]:
    """Score every commit; explain the newest."""
    scores, deductions = write_scores(platform.lake, datetime.now(UTC))
    yield dg.MaterializeResult(asset_key=keys.mart(SECURITY_SCORES.name), metadata=_facts(platform, scores))
    yield dg.MaterializeResult(
        asset_key=keys.mart(SECURITY_SCORE_DEDUCTIONS.name), metadata=_facts(platform, deductions)
    )


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


def _facts(platform: Platform, rows: int) -> dict[str, Any]:
    return {"dagster/row_count": rows, "snapshot_id": platform.lake.snapshot_id("marts")}
