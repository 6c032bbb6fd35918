"""Contracts of the marts that Python writes; dbt's models describe the others in their own files."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from quality_platform.model.columns import Column, Table

SERIES = (
    Column("metric", "string", "Metric.", required=True),
    Column("project", "string", "Project.", required=True),
    Column("subject", "string", "Subject of the series.", required=True),
    Column("labels", "string", "Labels of the series as canonical JSON.", required=True),
)
BATCH = Column("batch_id", "string", "Newest raw batch that the row rests on.")
COMMIT = Column("commit_sha", "string", "Commit.")

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

METRIC_TRENDS = Table(
    name="metric_trends",
    description="Slow drift of every series that is long enough (Theil-Sen slope, Mann-Kendall test).",
    grain="one row per series",
    key=("metric", "project", "subject", "labels"),
    columns=(
        *SERIES,
        Column("window_start", "timestamp", "First observation judged.", required=True),
        Column("window_end", "timestamp", "Last observation judged.", required=True),
        Column("points", "integer", "Observations judged.", required=True),
        Column("slope_per_day", "double", "Theil-Sen slope, units per day.", required=True),
        Column("lower", "double", "Lower bound of the slope, 95%.", required=True),
        Column("upper", "double", "Upper bound of the slope, 95%.", required=True),
        Column("change_percent", "double", "Change along the fitted line, in per cent of its start."),
        Column("p_value", "double", "Mann-Kendall, corrected for autocorrelation.", required=True),
        Column("direction", "string", "degrading, improving, flat or neutral.", required=True),
        Column("last_value", "double", "Newest value.", required=True),
        BATCH,
        Column("detected_at", "timestamp", "When it was computed.", required=True),
    ),
    sorted_by=("metric", "project", "subject"),
)

METRIC_CHANGES = Table(
    name="metric_changes",
    description="Steps in the level of a series: regressions and improvements.",
    grain="one row per series and step",
    key=("metric", "project", "subject", "labels", "changed_at"),
    columns=(
        *SERIES,
        Column("changed_at", "timestamp", "First observation on the new level.", required=True),
        COMMIT,
        Column("before", "double", "Level before.", required=True),
        Column("after", "double", "Level after.", required=True),
        Column("effect", "double", "After minus before, in units.", required=True),
        Column("effect_percent", "double", "Effect in per cent of the level before."),
        Column("p_value", "double", "Welch's test between the levels.", required=True),
        Column("direction", "string", "regression, improvement or neutral.", required=True),
        BATCH,
        Column("detected_at", "timestamp", "When it was computed.", required=True),
    ),
    sorted_by=("metric", "project", "subject", "changed_at"),
)

MART_TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            METRIC_CATALOGUE,
            PROJECT_CATALOGUE,
            SECURITY_SCORES,
            SECURITY_SCORE_DEDUCTIONS,
            METRIC_TRENDS,
            METRIC_CHANGES,
        )
    }
)
