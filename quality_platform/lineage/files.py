"""The way from one file's share of a number to the content, the commits that made it, and the rows about it.

Belongs here: what stands behind a line of `scan`'s hotspots, most complex functions and findings. Does not belong
here: numbers of a whole commit (`walk.py`, `scanned.py`).
"""

from __future__ import annotations

from typing import Any

from quality_platform.errors import UsageError
from quality_platform.lineage.origins import BY_COMMIT, of_commit
from quality_platform.lineage.steps import Node, raw_rows
from quality_platform.model.metric import Metric
from quality_platform.warehouse.lake import Lake
from quality_platform.warehouse.newest_commit import PROJECTS

FILE = """
    SELECT f.project, f.commit_sha, f.path, f.blob_id, f.language, c.committed_at
    FROM raw.code_files f JOIN raw.code_commits c USING (project, commit_sha)
    WHERE f.project = ? AND f.path = ? AND c.on_main
    ORDER BY c."position" DESC LIMIT 1
"""
# the commits that touched the path in the year before the newest one, as `scan` counts them for its hotspots
CHANGES = """
    SELECT c.commit_sha, c.committed_at, c.author, c.subject, h.lines_added, h.lines_removed
    FROM raw.code_changes h JOIN raw.code_commits c USING (project, commit_sha)
    WHERE h.project = ? AND h.path = ? AND len(c.parents) < 2 AND c.committed_at > ? - INTERVAL 1 YEAR
    ORDER BY c.committed_at DESC
"""
SHOWN = 10


def of_file(lake: Lake, metric: Metric, project: str | None, path: str) -> Node:
    """What `metric` rests on at `path` in the newest commit that has it.

    Raises UsageError for a metric that files have no share in, and for a path that was never read.
    """
    if metric.grain != "commit" or metric.raw_table not in BY_COMMIT:
        raise UsageError(f"{metric.name} is not made of files.", hint="code.cyclomatic_complexity is, for one.")
    file = _newest(lake, project, path)
    found = of_commit(lake, metric, file["project"], file["commit_sha"], path)
    facts = {"project": file["project"], "commit": file["commit_sha"], "committed_at": file["committed_at"]}
    content = Node("content", file["blob_id"], {"language": file["language"]})
    return Node("file", path, facts, (content, _changes(lake, file), raw_rows(lake, found)))


def _newest(lake: Lake, project: str | None, path: str) -> dict[str, Any]:
    projects = [project] if project else [row["project"] for row in lake.rows(PROJECTS)]
    for each in projects:
        if rows := lake.rows(FILE, [each, path]):
            return rows[0]
    raise UsageError(
        f"{path} is in no commit that was read.", hint="Write it as the repository has it: src/module.py, not ./src."
    )


def _changes(lake: Lake, file: dict[str, Any]) -> Node:
    rows = lake.rows(CHANGES, [file["project"], file["path"], file["committed_at"]])
    shown = tuple(
        Node(
            "commit",
            f"{row['commit_sha'][:12]} {(row['subject'] or '')[:60]}",
            {"by": row["author"], "at": row["committed_at"], "lines": _lines(row)},
        )
        for row in rows[:SHOWN]
    )
    return Node("changes", "raw.code_changes", {"commits in a year": len(rows)}, shown)


def _lines(row: dict[str, Any]) -> str:
    is_text = row["lines_added"] is not None
    return f"+{row['lines_added']} -{row['lines_removed']}" if is_text else "binary"
