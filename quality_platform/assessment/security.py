"""`marts.security_scores` and `marts.security_score_deductions`: every commit scored, the newest explained."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quality_platform.model.tables_marts import SECURITY_SCORE_DEDUCTIONS, SECURITY_SCORES
from quality_platform.scoring.exposure import exposure
from quality_platform.scoring.security import SecurityScores, score_commits
from quality_platform.warehouse.distinct_findings import KEYS, distinct
from quality_platform.warehouse.lake import Lake

if TYPE_CHECKING:
    import duckdb

# Commits of the main line in the order of history; a repository without Python has size 0 and scores 100.
COMMITS = """
    WITH sizes AS (
        SELECT project, blob_id, arg_max(source_lines, (ingested_at, batch_id)) AS source_lines
        FROM raw.code_file_metrics GROUP BY ALL
    ), trees AS (
        -- summed before it is joined to the commits: DuckDB makes its table of the right side, here ten million files
        SELECT f.project, f.commit_sha, sum(m.source_lines) / 1000.0 AS kloc
        FROM raw.code_files f JOIN sizes m ON m.project = f.project AND m.blob_id = f.blob_id
        WHERE f.language = 'python'
        GROUP BY ALL
    )
    SELECT c.project, c.commit_sha, c.committed_at, c.batch_id, c."position", coalesce(t.kloc, 0) AS kloc
    FROM raw.code_commits c LEFT JOIN trees t ON t.project = c.project AND t.commit_sha = c.commit_sha
    WHERE c.on_main
    ORDER BY c.project, c."position"
"""

# What a tool found when it last looked; `int_findings`, which has it too, is made later in a run than the scores.
FOUND = f"""
    CREATE OR REPLACE TEMP TABLE content_findings AS
    WITH looks AS (
        FROM raw.code_analyses
        QUALIFY row_number() OVER (PARTITION BY project, blob_id, tool ORDER BY ingested_at DESC, batch_id DESC) = 1
    ), found AS (
        SELECT *, {KEYS}
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
    FROM ({distinct("found")} UNION ALL BY NAME FROM advised)
"""
# The contents, numbered, and how often each has which kind of finding.
KINDS = """
    CREATE OR REPLACE TEMP TABLE kinds AS
    SELECT *, (dense_rank() OVER (ORDER BY project, blob_id))::INTEGER AS content
    FROM (
        SELECT project, blob_id, tool = 'advisories' AS is_advised, rule, severity, confidence, count(*) AS n
        FROM content_findings GROUP BY ALL
    )
"""
CONTENTS = "CREATE OR REPLACE TEMP TABLE contents AS SELECT DISTINCT project, blob_id, content FROM kinds"
PATHS = "SELECT DISTINCT path FROM raw.code_files SEMI JOIN content_findings USING (project, blob_id)"
# Where they stand, by the number of the commit: one look at the files of all commits, kept in ten bytes a place.
PLACED = """
    CREATE OR REPLACE TEMP TABLE placed AS
    SELECT c.owner, b.content, p.exposure, f.language = 'python' AS is_python
    FROM raw.code_files f
    JOIN contents b USING (project, blob_id)
    JOIN commits c USING (project, commit_sha)
    JOIN paths p USING (path)
"""
COUNTED = """
    SELECT owner - $first AS owner, rule, severity, confidence, exposure, sum(n)::BIGINT AS n
    FROM placed JOIN kinds USING (content)
    WHERE owner >= $first AND owner < $first + $count AND (is_python OR is_advised)
    GROUP BY ALL ORDER BY ALL
"""
FINDINGS = """
    SELECT c.owner, g.tool, g.rule, f.path, g.line, g.severity, g.confidence
    FROM raw.code_files f
    JOIN newest c USING (project, commit_sha)
    JOIN content_findings g USING (project, blob_id)
    WHERE f.language = 'python' OR g.tool = 'advisories'
    ORDER BY c.owner, f.path, g.line, g.tool, g.rule
"""

AT_ONCE = 2_000
"""Commits scored at a time: the kinds of findings of 17,000 commits together would take a gigabyte."""


def write_scores(lake: Lake, now: datetime) -> tuple[int, int]:
    """Score every commit that was read and replace both marts; returns their numbers of rows."""
    with lake.connect() as connection:
        commits = connection.execute(COMMITS).to_arrow_table().combine_chunks()
        _keep(connection, "commits", _numbered(commits))
        for statement in (FOUND, KINDS, CONTENTS):
            connection.execute(statement)
        paths = connection.execute(PATHS).to_arrow_table()
        _keep(connection, "paths", paths.append_column("exposure", exposure(paths["path"])))
        connection.execute(PLACED)
        scored = [_scored(connection, commits.slice(first, AT_ONCE), first, now)
                  for first in range(0, commits.num_rows, AT_ONCE)]  # fmt: skip
        newest = commits.filter(pa.array(_newest(commits)))
        _keep(connection, "newest", _numbered(newest))
        findings = connection.execute(FINDINGS).to_arrow_table()
    scores = pa.concat_tables(scored) if scored else SECURITY_SCORES.schema.empty_table()
    deductions = _deductions(newest, findings)
    lake.replace(SECURITY_SCORES.name, scores)
    lake.replace(SECURITY_SCORE_DEDUCTIONS.name, deductions)
    return scores.num_rows, deductions.num_rows


def _numbered(commits: pa.Table) -> pa.Table:
    return commits.append_column("owner", pa.array(np.arange(commits.num_rows, dtype=np.int32)))


def _keep(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """A table of `rows` in DuckDB, which knows how large it is.

    Of an Arrow table it does not, and joined ten million files by making a hash table of them: a gigabyte, and out of
    memory; with this it is a second.
    """
    connection.register(f"{name}_given", rows)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM {name}_given")
    connection.unregister(f"{name}_given")


def _scored(connection: duckdb.DuckDBPyConnection, commits: pa.Table, first: int, now: datetime) -> pa.Table:
    """Rows of the mart for some commits, which are numbered from `first`."""
    counted = connection.execute(COUNTED, {"first": first, "count": AT_ONCE}).to_arrow_table()
    result = score_commits(counted, counted.column("owner").to_numpy(), commits.column("kloc").to_numpy())
    return _scores(commits, result, now)


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


def _deductions(newest: pa.Table, findings: pa.Table) -> pa.Table:
    """The findings of each project's newest commit, with their points."""
    owner = findings.column("owner").to_numpy()
    result = score_commits(findings, owner, newest.column("kloc").to_numpy())
    explained = findings.append_column("points", pa.array(result.points)).append_column("exposure", result.exposure)
    explained = explained.filter(pa.array(result.points > 0))
    commit = newest.select(["project", "commit_sha"]).take(explained.column("owner"))
    for name in ("project", "commit_sha"):
        explained = explained.append_column(name, commit.column(name))
    return explained.select(SECURITY_SCORE_DEDUCTIONS.schema.names)
