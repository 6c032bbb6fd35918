"""Assets that Python writes before dbt, whose models read them: catalogue, look-ups, scores. Verdicts: `assess.py`."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from quality_platform.assessment.catalogue import write_catalogue
from quality_platform.assessment.licences import write_package_licences
from quality_platform.assessment.releases import write_release_commits
from quality_platform.assessment.security import write_scores
from quality_platform.assessment.vulnerable import write_vulnerable_versions
from quality_platform.defs import keys
from quality_platform.defs.platform import Platform
from quality_platform.defs.written_marts import INPUTS, facts, spec
from quality_platform.model.tables_marts import (
    DEBT_RULES,
    GATE_CONDITIONS,
    METRIC_CATALOGUE,
    PACKAGE_LICENCES,
    PROJECT_CATALOGUE,
    RELEASE_COMMITS,
    SECURITY_SCORE_DEDUCTIONS,
    SECURITY_SCORES,
    VULNERABLE_VERSIONS,
)

CATALOGUES = (METRIC_CATALOGUE, PROJECT_CATALOGUE, GATE_CONDITIONS, DEBT_RULES)


@dg.multi_asset(
    name="catalogue",
    specs=[spec(table, [], lineage={}, group=INPUTS) for table in CATALOGUES],
)
def catalogue(platform: dg.ResourceParam[Platform]) -> Iterator[dg.MaterializeResult[None]]:
    """Write what the installed version and the configuration know."""
    counts = write_catalogue(platform.lake, platform.config)
    for table, count in zip(CATALOGUES, counts, strict=True):
        yield dg.MaterializeResult(asset_key=keys.mart(table.name), metadata=facts(platform, count))


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
    yield dg.MaterializeResult(asset_key=keys.mart(VULNERABLE_VERSIONS.name), metadata=facts(platform, rows))


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
    yield dg.MaterializeResult(asset_key=keys.mart(PACKAGE_LICENCES.name), metadata=facts(platform, rows))


@dg.multi_asset(
    name="release_commits",
    specs=[
        spec(
            RELEASE_COMMITS,
            [keys.raw("code_commits"), keys.raw("code_tags")],
            lineage={
                **{name: [("raw.code_tags", "name")] for name in ("release", "kind", "series")},
                **{name: [("raw.code_commits", name)] for name in ("project", "commit_sha")},
            },
            group=INPUTS,
        )
    ],
)
def release_commits(platform: dg.ResourceParam[Platform]) -> Iterator[dg.MaterializeResult[None]]:
    """Find the first release of every commit."""
    rows = write_release_commits(platform.lake)
    yield dg.MaterializeResult(asset_key=keys.mart(RELEASE_COMMITS.name), metadata=facts(platform, rows))


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
    yield dg.MaterializeResult(asset_key=keys.mart(SECURITY_SCORES.name), metadata=facts(platform, scores))
    yield dg.MaterializeResult(
        asset_key=keys.mart(SECURITY_SCORE_DEDUCTIONS.name), metadata=facts(platform, deductions)
    )
