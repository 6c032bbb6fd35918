"""`marts.release_commits`: the first release that each commit came in, which a join cannot find in a graph.

Does not belong here: the walk (`analysis/releases.py`), or how often and how fast there are releases (dbt).
"""

from __future__ import annotations

import pyarrow as pa

from quality_platform.analysis.releases import first_release, release
from quality_platform.model.tables_marts import RELEASE_COMMITS
from quality_platform.warehouse.lake import Lake

# as they were at the last look: as in the model `stg_code_tags`, which is made later in a run
TAGS = """
    WITH looks AS (
        SELECT project, batch_id, ingested_at, json_extract_string(read_from, '$.tags') AS digest FROM raw.batches
        WHERE collector = 'repository' AND json_extract_string(read_from, '$.complete') = 'true'
    ), newest AS (
        SELECT project, arg_max(digest, ingested_at) AS digest FROM looks GROUP BY project
    ), tags AS (
        SELECT t.* FROM raw.code_tags t JOIN looks l USING (batch_id)
        JOIN newest n ON n.project = l.project AND n.digest = l.digest
        QUALIFY batch_id = first_value(batch_id) OVER (
            PARTITION BY t.project ORDER BY t.ingested_at DESC, batch_id DESC
        )
    )
    SELECT t.project, t.name, t.commit_sha FROM tags t
    JOIN raw.code_commits c ON c.project = t.project AND c.commit_sha = t.commit_sha
    ORDER BY c.committed_at, c."position", t.name
"""
COMMITS = "SELECT DISTINCT commit_sha, parents FROM raw.code_commits WHERE project = ?"


def write_release_commits(lake: Lake) -> int:
    """Walk every project's releases, oldest first, and replace the mart; returns its number of rows."""
    by_project: dict[str, list[tuple[str, str]]] = {}
    kinds = {}
    for row in lake.rows(TAGS):
        found = release(row["name"])
        # a pre-release brings nothing to users
        if found is not None and found.kind != "prerelease":
            by_project.setdefault(row["project"], []).append((row["name"], row["commit_sha"]))
            kinds[row["name"]] = found
    parts = []
    for project, releases in by_project.items():
        commits = lake.read(COMMITS, [project])
        parents = dict(zip(commits["commit_sha"].to_pylist(), commits["parents"].to_pylist(), strict=True))
        held = first_release(parents, releases)
        names = list(held.values())
        columns = {
            "project": [project] * len(held),
            "commit_sha": list(held),
            "release": names,
            "kind": [kinds[name].kind for name in names],
            "series": [kinds[name].series for name in names],
        }
        parts.append(pa.table(columns, schema=RELEASE_COMMITS.schema))
    table = pa.concat_tables(parts) if parts else RELEASE_COMMITS.schema.empty_table()
    lake.replace(RELEASE_COMMITS.name, table)
    return int(table.num_rows)
