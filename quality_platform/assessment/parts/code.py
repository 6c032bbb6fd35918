"""Parts of the metrics of code: files, functions, rules, and the commits in between.

What one commit changes is the same for all of a commit's metrics, so its trees are read once for all of them.
"""

from __future__ import annotations

from quality_platform.assessment.parts.dimension import Dimension, Rows, frozen, quoted, summed, text

PYTHON = "r.is_python::INT"
METRICS = frozen(
    {
        **{
            f"code.{name}": (f"coalesce(r.{name}, 0) * {PYTHON}", None)
            for name in ("lines_of_code", "source_lines", "logical_lines", "comment_lines", "cyclomatic_complexity",
                         "cognitive_complexity", "halstead_volume")
        },
        **{
            f"code.{name}": (f"coalesce(r.{name}, 0)", None)
            for name in ("findings_high", "findings_medium", "findings_low", "debt_minutes", "suppressions")
        },
        "code.maintainability_index": (
            f"coalesce(r.maintainability_index * r.source_lines, 0) * {PYTHON}",
            f"coalesce(r.source_lines, 0) * {PYTHON}",
        ),
        "code.complexity_per_100_lines": (
            f"100.0 * coalesce(r.cyclomatic_complexity, 0) * {PYTHON}", f"coalesce(r.source_lines, 0) * {PYTHON}",
        ),
        "code.debt_ratio": ("100.0 / 30 * coalesce(r.debt_minutes, 0)", "coalesce(r.source_lines, 0)"),
        "code.analysed_percent": (f"100.0 * coalesce(r.analysed, false)::INT * {PYTHON}", PYTHON),
    }
)  # fmt: skip

# a tree says of one path one thing, however often a commit was read
TREES = """
    (SELECT project, commit_sha, path, arg_max(blob_id, ingested_at) AS blob_id,
            coalesce(lower(arg_max(language, ingested_at)) = 'python', false) AS is_python,
            arg_max(batch_id, ingested_at) AS tree_batch
     FROM raw.code_files SEMI JOIN moments USING (project, commit_sha) GROUP BY project, commit_sha, path) f
"""
OF_COMMIT = "r.project = m.project AND r.commit_sha = m.commit_sha"
FILES = Rows(
    f"""(SELECT f.*, b.* EXCLUDE (project, blob_id, batch_id, ingested_at),
                coalesce(b.batch_id, f.tree_batch) AS batch_id
         FROM {TREES} LEFT JOIN marts.intermediate.int_blobs b USING (project, blob_id)) r""",
    OF_COMMIT,
)
BLOBS = f"concat_ws(', ', {quoted('trace_before')}, nullif({quoted('trace_after')}, {quoted('trace_before')}))"


def _of_blobs(table: str, more: str = "''") -> str:
    return (
        f"'FROM raw.{table} WHERE project = ' || {quoted('project')} || ' AND blob_id IN (' || {BLOBS} || ')' || {more}"
    )


# of a function's part, which begins with the path
QUALIFIED_NAME = "split_part(part, ': ', -1)"

FILE = summed("file", METRICS, FILES, part="r.path", trace="r.blob_id", evidence=_of_blobs("code_file_metrics"))

# files that no analyser reads count too
PRESENT = summed(
    "file",
    {"code.files": ("1", None)},
    Rows(f"(SELECT *, tree_batch AS batch_id FROM {TREES}) r", OF_COMMIT),
    part="r.path",
    trace="r.blob_id",
    evidence=_of_blobs("code_files", f"' AND path = ' || {quoted('part')}"),
)

FUNCTION = summed(
    "function",
    {"code.cyclomatic_complexity": ("r.cyclomatic_complexity", None)},
    Rows(
        f"""(SELECT f.project, f.commit_sha, f.path, f.blob_id, g.* EXCLUDE (project, blob_id)
             FROM {TREES} JOIN marts.staging.stg_code_functions g USING (project, blob_id)
             WHERE f.is_python AND g.kind <> 'class') r""",
        OF_COMMIT,
    ),
    part="r.path || ': ' || r.qualified_name",
    trace="r.blob_id",
    evidence=_of_blobs("code_functions", f"' AND qualified_name = ' || {quoted(QUALIFIED_NAME)}"),
)

RULE = summed(
    "rule",
    {
        "code.findings_high": ("(r.severity IN ('critical', 'high'))::INT", None),
        "code.findings_medium": ("(r.severity = 'medium')::INT", None),
        "code.findings_low": ("(r.severity = 'low')::INT", None),
    },
    Rows(
        f"""(SELECT f.project, f.commit_sha, g.tool, g.rule, g.severity, g.batch_id
             FROM {TREES} JOIN marts.intermediate.int_findings g USING (project, blob_id)) r""",
        OF_COMMIT,
    ),
    part="r.tool || ' ' || r.rule",
    trace="r.rule",
    evidence=f"'FROM raw.code_findings WHERE project = ' || {quoted('project')} || ' AND rule = ' || "
    f"{quoted('coalesce(trace_after, trace_before)')}",
)

COVERED = summed(
    "file",
    {"code.coverage_percent": ("100.0 * r.lines_covered", "r.lines_executable")},
    Rows(
        "marts.intermediate.int_coverage r",
        f"{OF_COMMIT} AND r.known_at = m.known_at",
    ),
    part="r.path",
    trace="r.commit_sha",
    evidence=f"'FROM raw.code_coverage WHERE project = ' || {quoted('project')} || ' AND path = ' || {quoted('part')} "
    f"|| ' AND commit_sha IN (' || {BLOBS} || ')'",
)

BY_COMMIT = ("code.files", *METRICS, "code.coverage_percent", "security.score")

# Mean after less mean before is a weighted sum of every observation's difference to the one before: the weight rises to
# 1 where the step is, and falls again. So commits add up to the effect as files do.
COMMIT = Dimension(
    "commit",
    BY_COMMIT,
    f"""
    SELECT change_id, commit_sha AS part, previous * share AS before, "value" * share AS after,
           NULL::DOUBLE AS weight_before, NULL::DOUBLE AS weight_after, previous AS own_before, "value" AS own_after,
           NULL::VARCHAR AS trace_before, commit_sha AS trace_after, batch_id
    FROM (
        SELECT change_id, commit_sha, batch_id, "value", lag("value") OVER history AS previous,
               if(is_after, count(*) OVER onwards, count(*) OVER history - 1) / points AS share
        FROM moments WHERE metric IN ({", ".join(text(metric) for metric in BY_COMMIT)})
        WINDOW history AS (PARTITION BY change_id ORDER BY observed_at),
               onwards AS (PARTITION BY change_id ORDER BY observed_at DESC)
    ) WHERE previous IS NOT NULL AND commit_sha IS NOT NULL
    """,
    f"'FROM raw.code_changes WHERE project = ' || {quoted('project')} || ' AND commit_sha = ' || {quoted('part')}",
)

DIMENSIONS = (FILE, PRESENT, FUNCTION, RULE, COVERED, COMMIT)
