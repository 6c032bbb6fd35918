"""Contract of the raw table of what other scanners report."""

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
