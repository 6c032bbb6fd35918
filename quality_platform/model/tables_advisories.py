"""Contract of the raw table of published vulnerabilities."""

from __future__ import annotations

from quality_platform.model.columns import Column, Table

ADVISORIES = Table(
    name="advisories",
    description="Published vulnerabilities of packages, as OSV records say them; a record that changed is another row.",
    grain="one row per record, state of it, ecosystem and package",
    key=("advisory_id", "revision", "ecosystem", "package"),
    columns=(
        Column("advisory_id", "string", "Name of the record.", required=True, max_length=200),
        Column("revision", "string", "Name and state of the record.", required=True, max_length=300),
        Column("ecosystem", "string", "Registry: PyPI, npm, crates, Go.", required=True, max_length=40),
        Column("package", "string", "Package, as its registry compares names.", required=True, max_length=1000),
        Column("modified", "timestamp", "When the record was changed last.", required=True),
        Column("published", "timestamp", "When it was published.", required=True),
        Column("withdrawn", "timestamp", "When it was taken back, where it was."),
        Column("aliases", "strings", "Other names of the same fault.", required=True),
        Column("ranges", "string", "Ranges of releases, as OSV's events in JSON.", required=True),
        Column("versions", "strings", "Releases that it lists.", required=True),
        Column("severity", "string", "Band of the points, or the publisher's word; unknown without either.",
               required=True, allowed=("critical", "high", "medium", "low", "info", "unknown")),
        Column("score", "double", "CVSS base score.", minimum=0, maximum=10),
        Column("vector", "string", "CVSS vector.", max_length=300),
        Column("weaknesses", "strings", "CWE names.", required=True),
        Column("summary", "string", "What it is, in a sentence.", required=True, max_length=500),
        Column("fixed", "strings", "Releases that mend it.", required=True),
    ),
)  # fmt: skip
