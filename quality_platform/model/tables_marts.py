"""Contracts of the marts that Python writes; dbt's models describe the others in their own files."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from quality_platform.model.columns import Column, Table
from quality_platform.model.tables_explanations import BOTTLENECKS, METRIC_CHANGE_CAUSES
from quality_platform.model.tables_verdicts import (
    BATCH,
    CHANGE_STORIES,
    COMMIT,
    METRIC_ANOMALIES,
    METRIC_CHANGES,
    METRIC_CROSSINGS,
    METRIC_FORECASTS,
    METRIC_TRENDS,
    SERIES_JUDGED,
)

METRIC_CATALOGUE = Table(
    name="metric_catalogue",
    description="The metric catalogue, as the installed version of the platform knows it.",
    grain="one row per metric",
    key=("metric",),
    columns=(
        Column("metric", "string", "Name.", required=True),
        Column("title", "string", "Name for people.", required=True),
        Column("area", "string", "Area of quality.", required=True),
        Column("unit", "string", "Unit of its values.", required=True),
        Column("direction", "string", "Which way is better.", required=True),
        Column("subject_kind", "string", "What a subject is.", required=True),
        Column("grain", "string", "What one observation stands for.", required=True),
        Column("source_model", "string", "Model that computes it.", required=True),
        Column("source_column", "string", "Column of that model.", required=True),
        Column("raw_table", "string", "Raw table that it rests on.", required=True),
        Column("description", "string", "What it means.", required=True),
        Column("minimum_effect_percent", "double", "Smallest change worth telling about.", required=True),
    ),
)

PROJECT_CATALOGUE = Table(
    name="project_catalogue",
    description="The projects of the configuration in force.",
    grain="one row per project",
    key=("project",),
    columns=(
        Column("project", "string", "Short name.", required=True),
        Column("name", "string", "Name for people."),
        Column("description", "string", "What it is."),
        Column("owner", "string", "Who answers for it."),
        Column("status", "string", "active, paused or archived.", required=True),
        Column("repository", "string", "Path or address of its repository."),
    ),
)

GATE_CONDITIONS = Table(
    name="gate_conditions",
    description="The conditions of the quality gate in force.",
    grain="one row per measure",
    key=("measure",),
    columns=(
        Column("measure", "string", "What is measured of new code.", required=True),
        Column("maximum", "double", "What it may be at most.", required=True),
        Column("level", "string", "fail or warn.", required=True),
    ),
)

DEBT_RULES = Table(
    name="debt_rules",
    description="Rules of technical debt: the minutes that one occurrence of each costs.",
    grain="one row per rule",
    key=("rule",),
    columns=(
        Column("rule", "string", "Rule.", required=True),
        Column("title", "string", "Rule's name in words.", required=True),
        Column("measure", "string", "Column of code_functions that it looks at; null for a rule about findings."),
        Column("above", "integer", "Limit that the measure passes, where the rule has one."),
        Column("minutes", "integer", "Minutes for one occurrence.", required=True),
        Column("minutes_per_unit", "integer", "Minutes more for each unit above the limit.", required=True),
    ),
)

VULNERABLE_VERSIONS = Table(
    name="vulnerable_versions",
    description="What published advisories say of every version that a manifest or lock file has ever named.",
    grain="one row per ecosystem, package, specifier and vulnerability",
    key=("ecosystem", "name", "specifier", "vulnerability"),
    columns=(
        Column("ecosystem", "string", "Registry.", required=True),
        Column("name", "string", "Package.", required=True),
        Column("specifier", "string", "What the file asks for.", required=True),
        Column("version", "string", "The one version that it allows; null when it allows several."),
        Column("status", "string", "affected, or undetermined where several are allowed, some of them affected.",
               required=True),
        Column("vulnerability", "string", "The fault's name over all records that speak of it.", required=True),
        Column("advisories", "strings", "The records that say so.", required=True),
        Column("severity", "string", "The gravest band that a record gives; unknown without any.", required=True),
        Column("score", "double", "Its CVSS base score."),
        Column("weaknesses", "strings", "CWE names.", required=True),
        Column("summary", "string", "What it is.", required=True),
        Column("published", "timestamp", "When the first of the records was published.", required=True),
        Column("fixed_in", "string", "First release after it that is not affected, where one is named."),
        BATCH,
    ),
)  # fmt: skip

PACKAGE_LICENCES = Table(
    name="package_licences",
    description="Every licence that a lock file has named, judged by the policy in force.",
    grain="one row per licence, as it is written",
    key=("licence",),
    columns=(
        Column("licence", "string", "SPDX expression, or what stands in its place.", required=True),
        Column("verdict", "string", "allowed, denied, or unknown where SPDX has no such licence.", required=True),
        Column("scopes", "strings", "What the packages that the policy counts for are for.", required=True),
        BATCH,
    ),
)

RELEASE_COMMITS = Table(
    name="release_commits",
    description="The first release that each commit came in.",
    grain="one row per project and commit that a release holds",
    key=("project", "commit_sha"),
    columns=(
        Column("project", "string", "Project.", required=True),
        Column("commit_sha", "string", "Commit.", required=True),
        Column("release", "string", "Tag: the oldest that is named like a version, no pre-release, and holds it.",
               required=True),
        Column("kind", "string", "major, minor or patch, by the version.", required=True),
        Column("series", "string", "What a version and its patches share, such as 2.3.", required=True),
    ),
)  # fmt: skip

SECURITY_SCORES = Table(
    name="security_scores",
    description="Security score of every commit that was read.",
    grain="one row per project and commit",
    key=("project", "commit_sha"),
    columns=(
        Column("project", "string", "Project.", required=True),
        COMMIT,
        Column("committed_at", "timestamp", "Committer's date.", required=True),
        Column("score", "double", "0 (worst) to 100.", required=True, minimum=0, maximum=100),
        Column("risk", "double", "Sum of the findings' risks.", required=True, minimum=0),
        Column("kloc", "double", "Thousands of source lines.", required=True, minimum=0),
        Column("grade", "string", "A to E.", required=True),
        Column("findings", "integer", "Findings that count.", required=True),
        BATCH,
        Column("scored_at", "timestamp", "When it was computed.", required=True),
    ),
)

SECURITY_SCORE_DEDUCTIONS = Table(
    name="security_score_deductions",
    description="Why the score of a project's HEAD is not 100: the points of each finding.",
    grain="one row per project, finding and place",
    key=("project", "commit_sha", "tool", "rule", "path", "line"),
    columns=(
        Column("project", "string", "Project.", required=True),
        COMMIT,
        Column("tool", "string", "Analyser.", required=True),
        Column("rule", "string", "Rule.", required=True),
        Column("path", "string", "File.", required=True),
        Column("line", "integer", "Line.", required=True),
        Column("severity", "string", "How bad.", required=True),
        Column("confidence", "string", "How sure.", required=True),
        Column("exposure", "string", "runtime, dev or test.", required=True),
        Column("points", "double", "Points deducted; they add up to 100 - score.", required=True, minimum=0),
    ),
)

MART_TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            METRIC_CATALOGUE,
            PROJECT_CATALOGUE,
            GATE_CONDITIONS,
            DEBT_RULES,
            VULNERABLE_VERSIONS,
            PACKAGE_LICENCES,
            RELEASE_COMMITS,
            SECURITY_SCORES,
            SECURITY_SCORE_DEDUCTIONS,
            METRIC_TRENDS,
            METRIC_CHANGES,
            METRIC_ANOMALIES,
            METRIC_FORECASTS,
            METRIC_CROSSINGS,
            CHANGE_STORIES,
            METRIC_CHANGE_CAUSES,
            BOTTLENECKS,
            SERIES_JUDGED,
        )
    }
)
