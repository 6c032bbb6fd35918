"""`marts.security_scores` and `marts.security_score_deductions`: every commit scored, the newest explained."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quality_platform.model.tables_marts import SECURITY_SCORE_DEDUCTIONS, SECURITY_SCORES
from quality_platform.scoring.security import SecurityScores, score_commits
from quality_platform.warehouse.lake import Lake

# Commits of the main line in the order of history; a repository without Python has size 0 and scores 100.
COMMITS = """
    SELECT c.project, c.commit_sha, c.committed_at, c.batch_id, c."position",
           coalesce(sum(m.source_lines), 0) / 1000.0 AS kloc
    FROM raw.code_commits c
    LEFT JOIN raw.code_files f USING (project, commit_sha)
    LEFT JOIN raw.code_file_metrics m
        ON m.project = f.project AND m.blob_id = f.blob_id AND f.language = 'python'
    WHERE c.on_main
    GROUP BY ALL
    ORDER BY c.project, c."position"
"""

# What a tool found when it last looked, and what several found once: as `int_findings` has it, which is
# made later in a run than the scores.
FOUND = """
    CREATE OR REPLACE TEMP TABLE content_findings AS
    WITH looks AS (
        FROM raw.code_analyses
        QUALIFY row_number() OVER (PARTITION BY project, blob_id, tool ORDER BY ingested_at DESC, batch_id DESC) = 1
    ), found AS (
        SELECT *, regexp_extract(rule, '[0-9]+') AS number, if(cwe = 328, 327, cwe) AS weakness
        FROM raw.code_findings SEMI JOIN looks USING (project, blob_id, tool, batch_id)
        WHERE category = 'security'
    ), advised AS (
        SELECT DISTINCT d.project, d.blob_id, 'advisories' AS tool, v.vulnerability AS rule, 0 AS line,
            if(v.severity = 'unknown', NULL, v.severity) AS severity,
            if(d.scope = 'runtime', 'high', 'low') AS confidence
        FROM raw.code_dependencies d JOIN marts.vulnerable_versions v USING (ecosystem, name, specifier)
        WHERE v.status = 'affected'
    )
    SELECT project, blob_id, tool, rule, line, severity, confidence
    FROM (
        FROM found WHERE tool = 'taint'
        UNION ALL BY NAME
        FROM (FROM found WHERE tool NOT IN ('ruff', 'taint'))
        ANTI JOIN (FROM found WHERE tool = 'taint') USING (project, blob_id, line, weakness)
        UNION ALL BY NAME
        FROM (FROM found WHERE tool = 'ruff')
        ANTI JOIN (FROM found WHERE tool = 'bandit') USING (project, blob_id, line, number)
        ANTI JOIN (FROM found WHERE tool = 'taint') USING (project, blob_id, line, weakness)
        UNION ALL BY NAME
        FROM advised
    )
"""
# Where contents with findings stand, by the number of the commit: one look at the files of all commits.
PLACED = """
    CREATE OR REPLACE TEMP TABLE placed AS
    WITH contents AS (
        SELECT DISTINCT project, blob_id, dense_rank() OVER (ORDER BY project, blob_id) AS content
        FROM content_findings
    )
    SELECT c.owner, b.content, f.path, f.language = 'python' AS is_python
    FROM raw.code_files f
    JOIN contents b USING (project, blob_id)
    JOIN commits c USING (project, commit_sha)
    ORDER BY c.owner
"""
NUMBERED = """
    CREATE OR REPLACE TEMP TABLE numbered AS
    SELECT dense_rank() OVER (ORDER BY project, blob_id) AS content, tool, rule, line, severity, confidence
    FROM content_findings
"""
FINDINGS = """
    SELECT owner - $first AS owner, tool, rule, path, line, severity, confidence
    FROM placed JOIN numbered USING (content)
    WHERE owner >= $first AND owner < $first + $count AND (is_python OR tool = 'advisories')
    ORDER BY owner, path, line, tool, rule
"""

AT_ONCE = 200
"""Commits scored at a time: of 5,500 commits with 1,500 findings each the rows together would take gigabytes."""


def write_scores(lake: Lake, now: datetime) -> tuple[int, int]:
    """Score every commit that was read and replace both marts; returns their numbers of rows."""
    scored: list[pa.Table] = []
    explained: list[pa.Table] = []
    with lake.connect() as connection:
        commits = connection.execute(COMMITS).to_arrow_table().combine_chunks()
        newest = _newest(commits)
        connection.register("commits", commits.append_column("owner", pa.array(np.arange(commits.num_rows))))
        for statement in (FOUND, PLACED, NUMBERED):
            connection.execute(statement)
        for first in range(0, commits.num_rows, AT_ONCE):
            part = commits.slice(first, AT_ONCE)
            findings = connection.execute(FINDINGS, {"first": first, "count": AT_ONCE}).to_arrow_table()
            result = score_commits(findings, findings.column("owner").to_numpy(), part.column("kloc").to_numpy())
            scored.append(_scores(part, result, now))
            explained.append(_deductions(part, findings, result, newest[first : first + AT_ONCE]))
    scores = pa.concat_tables(scored) if scored else SECURITY_SCORES.schema.empty_table()
    deductions = pa.concat_tables(explained) if explained else SECURITY_SCORE_DEDUCTIONS.schema.empty_table()
    lake.replace(SECURITY_SCORES.name, scores)
    lake.replace(SECURITY_SCORE_DEDUCTIONS.name, deductions)
    return scores.num_rows, deductions.num_rows


def _newest(commits: pa.Table) -> NDArray[np.bool_]:
    """Which of `commits` is the newest of its project."""
    projects = np.array(commits.column("project").to_pylist(), dtype=object)
    return np.append(projects[1:] != projects[:-1], True)[: len(projects)]


def _scores(commits: pa.Table, result: SecurityScores, now: datetime) -> pa.Table:
    rows = commits.num_rows
    columns = {
        **{name: commits.column(name) for name in ("project", "commit_sha", "committed_at", "batch_id")},
        "score": pa.array(result.score),
        "risk": pa.array(result.risk),
        "kloc": commits.column("kloc").cast(pa.float64()),
        "grade": pa.array(result.grade.tolist(), pa.string()),
        "findings": pa.array(result.findings, pa.int64()),
        "scored_at": pa.repeat(pa.scalar(now, pa.timestamp("us", tz="UTC")), rows),
    }
    return pa.table({name: columns[name] for name in SECURITY_SCORES.schema.names})


def _deductions(commits: pa.Table, findings: pa.Table, result: SecurityScores, newest: NDArray[np.bool_]) -> pa.Table:
    """The findings of each project's newest commit, with their points."""
    owner = findings.column("owner").to_numpy()
    kept = pa.array(newest[owner] & (result.points > 0))
    explained = findings.append_column("points", pa.array(result.points)).append_column("exposure", result.exposure)
    explained = explained.filter(kept)
    commit = commits.select(["project", "commit_sha"]).take(explained.column("owner"))
    for name in ("project", "commit_sha"):
        explained = explained.append_column(name, commit.column(name))
    return explained.select(SECURITY_SCORE_DEDUCTIONS.schema.names)
