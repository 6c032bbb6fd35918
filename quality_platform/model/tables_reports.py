"""Contracts of the raw tables of what others report: scanners, and forges about reviews."""

from __future__ import annotations

from quality_platform.model.columns import Column, Table
from quality_platform.model.tables_code import PATH, SEVERITIES, count

REPORTED_FINDINGS = Table(
    name="reported_findings",
    description="What other scanners found, as their SARIF files say it: all of a file with every reading.",
    grain="one row per batch, tool, rule and place",
    key=("batch_id", "tool", "rule", "path", "line", "column_number"),
    columns=(
        Column("commit_sha", "string", "Commit that was scanned, where the report says it.", max_length=64),
        Column("tool", "string", "Scanner.", required=True, max_length=100),
        Column("tool_version", "string", "Its version.", max_length=300),
        Column("rule", "string", "Rule's identifier.", required=True, max_length=200),
        Column("title", "string", "Rule's name in words.", max_length=300),
        Column("category", "string", "Area of the finding.", required=True, allowed=("security", "error", "style")),
        Column("severity", "string", "How bad.", required=True, allowed=SEVERITIES),
        Column("cwe", "integer", "Number in the Common Weakness Enumeration.", minimum=1),
        PATH,
        count("line", "First line, from 1; 0 for the whole file.", required=True),
        count("end_line", "Last line.", required=True),
        count("column_number", "Column, from 0.", required=True),
        Column("message", "string", "The scanner's sentence.", required=True, max_length=2000),
    ),
)

CODE_REVIEWS = Table(
    name="code_reviews",
    description="Pull and merge requests, as a forge exports them: all of a file with every reading.",
    grain="one row per batch and number",
    key=("batch_id", "number"),
    columns=(
        count("number", "Number of the request in its project.", required=True),
        Column("service", "string", "Whose form it has.", required=True, allowed=("github", "gitlab")),
        Column("title", "string", "Title.", required=True, max_length=500),
        Column("author", "string", "Login of who opened it.", max_length=200),
        Column("state", "string", "What became of it.", required=True, allowed=("open", "closed", "merged")),
        Column("created_at", "timestamp", "When it was opened.", required=True),
        Column("merged_at", "timestamp", "When it was merged."),
        Column("closed_at", "timestamp", "When it was closed."),
        Column("merged_by", "string", "Login of who merged it.", max_length=200),
        Column("merge_commit", "string", "Commit that it became.", max_length=64),
        count("lines_added", "Lines added; null where the export does not say."),
        count("lines_removed", "Lines removed."),
        count("files", "Files changed."),
        count("commits", "Commits."),
        Column("reviewers", "strings", "Logins of who reviewed, or was asked to where reviews are not in the export.",
               required=True),
        count("approvals", "Reviews that approve."),
        count("changes_requested", "Reviews that ask for changes."),
        count("comments", "Comments."),
        Column("first_review_at", "timestamp", "When the first review was given."),
    ),
)  # fmt: skip
