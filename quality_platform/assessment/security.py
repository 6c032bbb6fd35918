"""`marts.security_scores` and `marts.security_score_deductions`: every commit scored, the newest explained."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa

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
FINDINGS = """
    WITH looks AS (
        FROM raw.code_analyses
        QUALIFY row_number() OVER (PARTITION BY project, blob_id, tool ORDER BY ingested_at DESC, batch_id DESC) = 1
    ), found AS (
        SELECT *, regexp_extract(rule, '[0-9]+') AS number, if(cwe = 328, 327, cwe) AS weakness
        FROM raw.code_findings SEMI JOIN looks USING (project, blob_id, tool, batch_id)
        WHERE category = 'security'
    )
    SELECT owner, tool, rule, path, line, severity, confidence
    FROM (
        FROM found WHERE tool = 'taint'
        UNION ALL BY NAME
        FROM (FROM found WHERE tool NOT IN ('ruff', 'taint'))
        ANTI JOIN (FROM found WHERE tool = 'taint') USING (project, blob_id, line, weakness)
        UNION ALL BY NAME
        FROM (FROM found WHERE tool = 'ruff')
        ANTI JOIN (FROM found WHERE tool = 'bandit') USING (project, blob_id, line, number)
        ANTI JOIN (FROM found WHERE tool = 'taint') USING (project, blob_id, line, weakness)
    ) g
    JOIN raw.code_files f USING (project, blob_id)
    JOIN commits USING (project, commit_sha)
    WHERE f.language = 'python'
    ORDER BY owner, path, line, tool, rule
"""


def write_scores(lake: Lake, now: datetime) -> tuple[int, int]:
    """Score every commit that was read and replace both marts; returns their numbers of rows."""
    with lake.connect() as connection:
        commits = connection.execute(COMMITS).to_arrow_table()
        owners = commits.append_column("owner", pa.array(np.arange(commits.num_rows)))
        connection.register("commits", owners)
        findings = connection.execute(FINDINGS).to_arrow_table()
    result = score_commits(findings, findings.column("owner").to_numpy(), commits.column("kloc").to_numpy())
    lake.replace(SECURITY_SCORES.name, _scores(commits, result, now))
    deductions = _deductions(commits, findings, result)
    lake.replace(SECURITY_SCORE_DEDUCTIONS.name, deductions)
    return commits.num_rows, deductions.num_rows


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


def _deductions(commits: pa.Table, findings: pa.Table, result: SecurityScores) -> pa.Table:
    """The findings of each project's newest commit, with their points."""
    projects = np.array(commits.column("project").to_pylist(), dtype=object)
    newest = np.flatnonzero(np.append(projects[1:] != projects[:-1], True)) if len(projects) else np.array([], int)
    owner = findings.column("owner").to_numpy()
    kept = pa.array(np.isin(owner, newest) & (result.points > 0))
    explained = findings.append_column("points", pa.array(result.points)).append_column("exposure", result.exposure)
    explained = explained.filter(kept)
    commit = commits.select(["project", "commit_sha"]).take(explained.column("owner"))
    for name in ("project", "commit_sha"):
        explained = explained.append_column(name, commit.column(name))
    return explained.select(SECURITY_SCORE_DEDUCTIONS.schema.names)
