"""The newest commit of a project, its files, and what the tools that looked last say of them: a beginning of queries.

Does not belong here: any question (`newest_commit.py`, `newest_debt.py`).
"""

from __future__ import annotations

# the newest commit that was read, and the newest look of each tool at each content
HEAD = """
    WITH head AS (
        SELECT * FROM raw.code_commits WHERE project = ? AND on_main ORDER BY "position" DESC LIMIT 1
    ), files AS (
        SELECT f.* FROM head JOIN raw.code_files f USING (project, commit_sha)
    ), looks AS (
        FROM raw.code_analyses SEMI JOIN files USING (project, blob_id)
        QUALIFY row_number() OVER (PARTITION BY project, blob_id, tool ORDER BY ingested_at DESC, batch_id DESC) = 1
    ), numbers AS (
        SELECT m.* FROM raw.code_file_metrics m
        SEMI JOIN looks l ON l.project = m.project AND l.blob_id = m.blob_id AND l.batch_id = m.batch_id
    ), objections AS (
        SELECT f.path, g.*, regexp_extract(g.rule, '[0-9]+') AS number, if(g.cwe = 328, 327, g.cwe) AS weakness
        FROM files f JOIN raw.code_findings g USING (project, blob_id)
        SEMI JOIN looks l ON l.project = g.project AND l.blob_id = g.blob_id AND l.batch_id = g.batch_id
            AND g.tool IN (l.tool, 'quality_platform')
    ), findings AS (
        -- what several tools found counts once, as in the model int_findings
        FROM objections o
        ANTI JOIN (FROM objections WHERE tool = 'bandit') b
            ON o.tool = 'ruff' AND o.category = 'security'
            AND b.path = o.path AND b.line = o.line AND b.number = o.number
        ANTI JOIN (FROM objections WHERE tool = 'taint') t
            ON o.tool <> 'taint' AND t.path = o.path AND t.line = o.line AND t.weakness = o.weakness
    )
"""
