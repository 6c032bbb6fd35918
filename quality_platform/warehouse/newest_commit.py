"""What the raw rows say of a repository's newest commit, before any model has run: what `scan` shows.

Belongs here: the questions, whose figures are those that the marts have later. Does not belong here: how the answers
are shown (`cli/scan.py`), or marts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quality_platform.warehouse.newest_debt import rated
from quality_platform.warehouse.newest_tree import HEAD

if TYPE_CHECKING:
    from quality_platform.warehouse.lake import Lake

SUMMARY = f"""{HEAD}
    SELECT any_value(head.commit_sha) AS commit_sha, any_value(head.committed_at) AS committed_at,
           any_value(head.author) AS author, count(*) AS files,
           count(*) FILTER (f.language = 'python') AS python_files,
           sum(m.lines_of_code) FILTER (f.language = 'python') AS lines_of_code,
           sum(m.source_lines) FILTER (f.language = 'python') AS source_lines,
           sum(m.cyclomatic_complexity) FILTER (f.language = 'python') AS cyclomatic_complexity,
           sum(m.maintainability_index * m.source_lines) FILTER (f.language = 'python')
               / nullif(sum(m.source_lines) FILTER (f.language = 'python'), 0) AS maintainability_index,
           sum(m.lines_of_code) FILTER (f.language <> 'python') AS other_lines,
           100.0 * count(*) FILTER (m.analysed) / nullif(count(m.blob_id), 0) AS analysed_percent
    FROM head JOIN files f USING (project, commit_sha)
    LEFT JOIN numbers m ON m.project = f.project AND m.blob_id = f.blob_id
"""
FINDINGS = f"""{HEAD}
    SELECT severity, count(*) AS findings, count(DISTINCT path) AS files,
           string_agg(DISTINCT tool, ', ' ORDER BY tool) AS tools
    FROM findings GROUP BY severity
    ORDER BY min(list_position(['critical', 'high', 'medium', 'low', 'info'], severity))
"""
WORST = f"""{HEAD}
    SELECT f.path, u.qualified_name, u.start_line, u.cyclomatic_complexity, u.cognitive_complexity, u."rank"
    FROM files f JOIN numbers m USING (project, blob_id)
    JOIN raw.code_functions u ON u.project = f.project AND u.blob_id = f.blob_id AND u.batch_id = m.batch_id
    WHERE u.kind <> 'class'
    ORDER BY u.cyclomatic_complexity DESC, f.path, u.start_line LIMIT 5
"""
# commits of the year before HEAD times complexity: what is changed often and hard to change
HOTSPOTS = f"""{HEAD}
    SELECT f.path, count(*) AS commits, any_value(m.cyclomatic_complexity) AS complexity,
           count(*) * any_value(m.cyclomatic_complexity) AS heat
    FROM head JOIN files f USING (project, commit_sha) JOIN numbers m ON m.project = f.project AND m.blob_id = f.blob_id
    JOIN raw.code_changes c ON c.project = f.project AND c.path = f.path
    JOIN raw.code_commits o ON o.project = c.project AND o.commit_sha = c.commit_sha
    WHERE len(o.parents) < 2 AND o.committed_at > head.committed_at - INTERVAL 1 YEAR
    GROUP BY f.path ORDER BY heat DESC, f.path LIMIT 5
"""
PROJECTS = "SELECT project FROM raw.code_commits GROUP BY project ORDER BY max(ingested_at) DESC"
COPIES = """
    SELECT count(DISTINCT clone_group) AS groups, sum(end_line - start_line + 1) AS lines
    FROM raw.code_duplicates WHERE project = ? AND commit_sha = ? AND kind = 'exact'
"""
# findings are the same when tool, rule and line of text are, as often as they are there
PINNED = f"""{HEAD}
    SELECT DISTINCT d.ecosystem, d.name, d.specifier, d.version, d.locked
    FROM files f JOIN raw.code_dependencies d USING (project, blob_id)
    SEMI JOIN looks l ON l.project = d.project AND l.blob_id = d.blob_id AND l.batch_id = d.batch_id
    ORDER BY ALL
"""
NEW = """
    WITH sides AS (
        SELECT f.commit_sha, f.path, g.* FROM raw.code_files f JOIN raw.code_findings g USING (project, blob_id)
        WHERE f.project = ? AND f.commit_sha IN (?, ?) AND g.severity IN ('critical', 'high', 'medium')
    ), counted AS (
        SELECT *, row_number() OVER (
            PARTITION BY commit_sha, tool, rule, coalesce(snippet_hash, message) ORDER BY path, line
        ) AS nth FROM sides
    )
    SELECT n.path, n.line, n.rule, n.severity, n.message FROM counted n
    ANTI JOIN (FROM counted WHERE commit_sha = ?) b
        ON b.tool = n.tool AND b.rule = n.rule AND b.nth = n.nth
        AND coalesce(b.snippet_hash, b.message) = coalesce(n.snippet_hash, n.message)
    WHERE n.commit_sha = ?
    ORDER BY list_position(['critical', 'high', 'medium'], n.severity), n.path, n.line
"""


def numbers(lake: Lake, project: str) -> dict[str, Any]:
    """The newest commit's hash and time, and its numbers under the names that metrics have in the marts."""
    of_severity = {row["severity"]: row["findings"] for row in lake.rows(FINDINGS, [project])}
    return {
        **lake.rows(SUMMARY, [project])[0],
        **rated(lake, project),
        "findings_high": of_severity.get("critical", 0) + of_severity.get("high", 0),
        "findings_medium": of_severity.get("medium", 0),
        "findings_low": of_severity.get("low", 0),
    }


def summed_up(lake: Lake, project: str, before: str | None) -> dict[str, Any]:
    """What is known of the newest commit; `before` is the one that the scan before this had reached."""
    summary = numbers(lake, project)
    head = summary["commit_sha"]
    since = None
    if before is not None and head is not None and before != head:
        new, gone = (lake.rows(NEW, [project, before, head, *pair]) for pair in ((before, head), (head, before)))
        since = {"commit_sha": before, "new": new, "gone": len(gone)}
    return {
        "summary": summary,
        "findings": lake.rows(FINDINGS, [project]),
        "most_complex": lake.rows(WORST, [project]),
        "hotspots": lake.rows(HOTSPOTS, [project]),
        "copies": lake.rows(COPIES, [project, head])[0] if head is not None else {"groups": 0, "lines": None},
        "since_last_scan": since,
    }


def dependencies(lake: Lake, project: str) -> list[dict[str, Any]]:
    """What the newest commit's manifests and lock files name, each once."""
    return lake.rows(PINNED, [project])


def is_advised(lake: Lake) -> bool:
    """Whether any advisories were read."""
    return bool(lake.rows("SELECT 1 FROM raw.advisories LIMIT 1"))
