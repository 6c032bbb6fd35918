"""What the raw rows say of a repository's newest commit, before any model has run: what `scan` shows.

Belongs here: the questions, whose figures are those that the marts have later. Does not belong here: how the answers
are shown (`cli/scan_shown.py`), or marts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quality_platform.warehouse.newest_debt import rated
from quality_platform.warehouse.newest_tree import newest_tree

if TYPE_CHECKING:
    from quality_platform.warehouse.lake import Lake
    from quality_platform.warehouse.newest_tree import Ask

SUMMARY = """
    SELECT any_value(head.commit_sha) AS commit_sha, any_value(head.committed_at) AS committed_at,
           any_value(head.author) AS author, count(*) AS files,
           count(*) FILTER (f.language = 'python') AS python_files,
           sum(m.lines_of_code) FILTER (f.language = 'python') AS lines_of_code,
           sum(m.source_lines) FILTER (f.language = 'python') AS source_lines,
           sum(m.cyclomatic_complexity) FILTER (f.language = 'python') AS cyclomatic_complexity,
           sum(m.maintainability_index * m.source_lines) FILTER (f.language = 'python')
               / nullif(sum(m.source_lines) FILTER (f.language = 'python'), 0) AS maintainability_index,
           sum(m.lines_of_code) FILTER (f.language <> 'python') AS other_lines,
           100.0 * count(*) FILTER (m.analysed AND f.language = 'python')
               / nullif(count(*) FILTER (f.language = 'python'), 0) AS analysed_percent
    FROM head JOIN files f USING (project, commit_sha)
    LEFT JOIN numbers m ON m.project = f.project AND m.blob_id = f.blob_id
"""
# a line in several blocks is duplicated once; whether copies were looked for at all, the batch tells
COPIES = """
    WITH compared AS (
        SELECT 1 FROM raw.batches b JOIN head ON b.project = head.project
            AND json_extract_string(b.read_from, '$.head') = head.commit_sha
        WHERE b.collector = 'repository' AND b.collector_version <> '1' LIMIT 1
    ), copied AS (
        SELECT d.* FROM raw.code_duplicates d JOIN head USING (project, commit_sha) WHERE d.kind = 'exact'
    ), lines AS (
        SELECT DISTINCT path, unnest(generate_series(start_line, end_line)) AS line FROM copied
    )
    SELECT if(EXISTS (FROM compared), (SELECT count(DISTINCT clone_group) FROM copied), NULL) AS clone_groups,
           if(EXISTS (FROM compared), 100.0 * (SELECT count(*) FROM lines) / nullif(sum(m.lines_of_code), 0), NULL)
               AS duplication_percent,
           (SELECT count(DISTINCT (ecosystem, name)) FROM pinned) AS packages
    FROM files LEFT JOIN numbers m USING (project, blob_id)
"""
FINDINGS = """
    SELECT severity, count(*) AS findings, count(DISTINCT path) AS files,
           string_agg(DISTINCT tool, ', ' ORDER BY tool) AS tools
    FROM findings GROUP BY severity
    ORDER BY min(list_position(['critical', 'high', 'medium', 'low', 'info'], severity))
"""
WORST = """
    SELECT path, qualified_name, start_line, cyclomatic_complexity, cognitive_complexity, "rank"
    FROM functions ORDER BY cyclomatic_complexity DESC, path, start_line LIMIT 5
"""
# commits of the year before HEAD times complexity: what is changed often and hard to change
HOTSPOTS = """
    SELECT f.path, count(*) AS commits, any_value(m.cyclomatic_complexity) AS complexity,
           count(*) * any_value(m.cyclomatic_complexity) AS heat
    FROM head JOIN files f USING (project, commit_sha) JOIN numbers m ON m.project = f.project AND m.blob_id = f.blob_id
    JOIN raw.code_changes c ON c.project = f.project AND c.path = f.path
    JOIN raw.code_commits o ON o.project = c.project AND o.commit_sha = c.commit_sha
    WHERE len(o.parents) < 2 AND o.committed_at > head.committed_at - INTERVAL 1 YEAR
    GROUP BY f.path ORDER BY heat DESC, f.path LIMIT 5
"""
PROJECTS = "SELECT project FROM raw.code_commits GROUP BY project ORDER BY max(ingested_at) DESC"
# findings are the same when tool, rule and line of text are, as often as they are there
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
    with newest_tree(lake, project) as ask:
        return _numbers(ask, ask(FINDINGS))


def summed_up(lake: Lake, project: str, before: str | None) -> dict[str, Any]:
    """What is known of the newest commit; `before` is the one that the scan before this had reached.

    `dependencies` is what its manifests and lock files name, each once.
    """
    with newest_tree(lake, project) as ask:
        findings = ask(FINDINGS)
        summary = _numbers(ask, findings)
        return {
            "summary": summary,
            "findings": findings,
            "most_complex": ask(WORST),
            "hotspots": ask(HOTSPOTS),
            "dependencies": ask("FROM pinned ORDER BY ALL"),
            "since_last_scan": _since(ask, project, before, summary["commit_sha"]),
        }


def _numbers(ask: Ask, findings: list[dict[str, Any]]) -> dict[str, Any]:
    of_severity = {row["severity"]: row["findings"] for row in findings}
    return {
        **ask(SUMMARY)[0],
        **ask(COPIES)[0],
        **rated(ask),
        "findings_high": of_severity.get("critical", 0) + of_severity.get("high", 0),
        "findings_medium": of_severity.get("medium", 0),
        "findings_low": of_severity.get("low", 0),
    }


def _since(ask: Ask, project: str, before: str | None, head: str | None) -> dict[str, Any] | None:
    if before is None or head is None or before == head:
        return None
    new, gone = (ask(NEW, [project, before, head, *pair]) for pair in ((before, head), (head, before)))
    return {"commit_sha": before, "new": new, "gone": len(gone)}


def is_advised(lake: Lake) -> bool:
    """Whether any advisories were read."""
    return bool(lake.rows("SELECT 1 FROM raw.advisories LIMIT 1"))
