"""Parts of the security score: files and rules, each with the points that it takes off.

The score is no sum over findings, but the points of a commit's findings add up to 100 less its score. They are known of
the newest commits alone (`marts.security_score_deductions`), so those of the commits looked at are computed here.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from quality_platform.assessment.parts.code import TREES
from quality_platform.assessment.parts.dimension import Dimension, Rows, quoted, summed
from quality_platform.assessment.parts.events import PROJECT
from quality_platform.scoring.security import score_commits

SCORE = "security.score"
# sizes and findings as the score takes them: see `assessment/security.py`
_COMMITS = f"""
SELECT project, commit_sha, coalesce(sum(b.source_lines) FILTER (f.is_python), 0) / 1000.0 AS kloc
FROM {TREES} LEFT JOIN marts.intermediate.int_blobs b USING (project, blob_id)
SEMI JOIN (SELECT * FROM moments WHERE metric = '{SCORE}') m USING (project, commit_sha)
GROUP BY project, commit_sha ORDER BY project, commit_sha
"""
_FINDINGS = f"""
SELECT c.owner, f.project, f.commit_sha, f.path, g.tool, g.rule, g.severity, g.confidence, g.batch_id
FROM {TREES} JOIN marts.intermediate.int_findings g USING (project, blob_id)
JOIN scored_commits c USING (project, commit_sha)
WHERE g.category = 'security' AND f.is_python
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `security_points`: the points of every finding of every commit in `moments`."""
    commits = connection.execute(_COMMITS).to_arrow_table()
    connection.register("scored_commits", commits.append_column("owner", pa.array(np.arange(commits.num_rows))))
    findings = connection.execute(_FINDINGS).to_arrow_table()
    result = score_commits(findings, findings.column("owner").to_numpy(), commits.column("kloc").to_numpy())
    connection.register("security_points", findings.append_column("points", pa.array(result.points)))


def _divided(dimension: str, part: str, column: str) -> Dimension:
    return summed(
        dimension,
        {SCORE: ("-r.points", None)},
        Rows("security_points r", "r.project = m.project AND r.commit_sha = m.commit_sha"),
        part=part,
        trace=f"r.{column}",
        evidence=f"'FROM raw.code_findings JOIN raw.code_files USING (project, blob_id)' || {PROJECT} || "
        f"' AND {column} = ' || {quoted('coalesce(trace_after, trace_before)')}",
        prepare=prepare,
    )


DIMENSIONS = (_divided("file", "r.path", "path"), _divided("rule", "r.tool || ' ' || r.rule", "rule"))
