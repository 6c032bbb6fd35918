"""Which raw rows a value was made of: one query per kind of metric.

A new raw table that metrics rest on gets its entry here; `walk.py` then knows the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from quality_platform.model.metric import Metric
from quality_platform.model.tables import RAW_TABLES
from quality_platform.warehouse.lake import Lake

EXAMPLES = 5

COMMIT = """
    SELECT q.commit_sha FROM marts.code_quality_by_commit q
    LEFT JOIN marts.intermediate.int_coverage c USING (project, commit_sha)
    WHERE q.project = $1 AND q.on_main AND (q.committed_at = $2 OR greatest(q.committed_at, c.known_at) = $2)
    ORDER BY "position" DESC LIMIT 1
"""

# (rows of the commit, what to show of one, which ones to show first)
BY_COMMIT = {
    "code_files": ("raw.code_files f", "f.path", "f.path"),
    "code_file_metrics": (
        "raw.code_files f JOIN raw.code_file_metrics r USING (project, blob_id)",
        "f.path || ': {column} ' || coalesce(round(r.{column}, 2)::VARCHAR, 'unknown')",
        "r.source_lines DESC NULLS LAST, f.path",
    ),
    "code_findings": (
        "raw.code_files f JOIN raw.code_findings r USING (project, blob_id)",
        "f.path || ':' || r.line || '  ' || r.rule || ' ' || r.severity",
        "list_position(['critical', 'high', 'medium', 'low'], r.severity), f.path, r.line",
    ),
    "code_duplicates": (
        "raw.code_duplicates r JOIN raw.code_files f USING (project, commit_sha, path)",
        "f.path || ':' || r.start_line || '-' || r.end_line || '  ' || r.kind || ' copy, group ' || r.clone_group",
        "r.tokens DESC, r.clone_group, f.path",
    ),
    "code_dependencies": (
        "raw.code_files f JOIN raw.code_dependencies r USING (project, blob_id)",
        "f.path || ': ' || r.name || coalesce(' ' || nullif(r.specifier, ''), '')",
        "f.path, r.name",
    ),
    "code_coverage": (
        "raw.code_coverage r JOIN raw.code_files f USING (project, commit_sha, path)",
        "f.path || ': ' || r.lines_covered || ' of ' || r.lines_executable || ' lines, from ' || r.report",
        "r.lines_executable DESC, f.path",
    ),
}

INSTANT = "strftime(event_time, '%Y-%m-%d %H:%M:%S') || '  '"
PLACE = "coalesce('  ' || source_file || ':' || source_line, '')"

# (column with the instant, what to show of one)
BY_TIME = {
    "error_events": (
        "event_time",
        f"{INSTANT} || coalesce(type || ': ', '') || left(message, 80) || {PLACE}",
    ),
    "usage_events": (
        "event_time",
        f"{INSTANT} || event_name || {PLACE}",
    ),
    "quarantine": ("ingested_at", "table_name || ' ' || position || ': ' || reason"),
    "request_samples": (
        "event_time",
        f"{INSTANT} || concat_ws('  ', method, left(route, 80), status, round(duration_ms, 1) || ' ms') || {PLACE}",
    ),
    "sessions": ("event_time", f"{INSTANT} || status || '  ' || quantity || coalesce('  ' || release, '')"),
    "ingest_counts": ("hour", "door || ' ' || category || '  ' || outcome || ' ' || reason || ' ' || quantity"),
    "advisories": ("ingested_at", "advisory_id || ' ' || package || ' ' || severity"),
    "metric_samples": (
        "observed_at",
        "strftime(observed_at, '%Y-%m-%d %H:%M:%S') || '  ' || metric || ' ' || value",
    ),
}

# Which of those rows a service's metric is made of, by the first word of its name; the parameter is the service.
BY_SERVICE = {
    "performance": "operation = 'http.server' AND service = ?",
    "database": "operation = 'database' AND service = ?",
    "cache": "operation = 'cache' AND service = ?",
    "health": "metric = 'probe.up' AND subject = ?",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Raw rows behind a value: their table and number, some in words, and their batches."""

    table: str
    rows: int
    examples: tuple[str, ...]
    batch_ids: tuple[str, ...]


def origins(lake: Lake, metric: Metric | None, value: dict[str, Any]) -> Origin:
    """The raw rows that `value`, a row of `marts.fct_observations`, was made of."""
    grain = metric.grain if metric else "sample"
    finders: dict[str, Callable[[Lake, Metric, dict[str, Any]], Origin]] = {
        "commit": _of_commit,
        "hour": _of_time,
        "day": _of_time,
    }
    if metric is None or grain not in finders:
        return _of_sample(lake, value)
    return finders[grain](lake, metric, value)


def _of_sample(lake: Lake, value: dict[str, Any]) -> Origin:
    source = """
        FROM raw.metric_samples
        WHERE metric = ? AND project = ? AND subject = ? AND labels = ? AND observed_at = ?
    """
    shown = "strftime(observed_at, '%Y-%m-%d %H:%M:%S') || '  ' || kind || ' ' || value"
    keys = [value[name] for name in ("metric", "project", "subject", "labels", "observed_at")]
    return _summed(lake, "metric_samples", source, shown, "observed_at", keys)


def _of_commit(lake: Lake, metric: Metric, value: dict[str, Any]) -> Origin:
    commit = lake.read(COMMIT, [value["project"], value["observed_at"]]).column("commit_sha").to_pylist()
    return of_commit(lake, metric, value["project"], commit[0] if commit else "")


def of_commit(lake: Lake, metric: Metric, project: str, commit_sha: str, path: str | None = None) -> Origin:
    """The raw rows that a metric of a commit is made of, or the share that the file at `path` has in it."""
    tables, shown, order = BY_COMMIT[metric.raw_table]
    columns = {column.name for column in RAW_TABLES[metric.raw_table].columns}
    column = metric.source_column if metric.source_column in columns else "source_lines"
    source = f"FROM {tables} WHERE f.project = ? AND f.commit_sha = ? AND f.path = coalesce(?, f.path)"
    key = "r.batch_id" if metric.raw_table != "code_files" else "f.batch_id"
    text = shown.replace("{column}", column)
    return _summed(lake, metric.raw_table, source, text, order, [project, commit_sha, path], key)


def _of_time(lake: Lake, metric: Metric, value: dict[str, Any]) -> Origin:
    instant, shown = BY_TIME[metric.raw_table]
    source = (
        f"FROM raw.{metric.raw_table} "
        f"WHERE project = ? AND date_trunc('{metric.grain}', {instant}) = date_trunc('{metric.grain}', ?::TIMESTAMPTZ)"
    )
    parameters = [value["project"], value["observed_at"]]
    if metric.subject_kind == "service":
        source += f" AND {BY_SERVICE[metric.name.partition('.')[0]]}"
        parameters.append(value["subject"])
    if metric.raw_table == "request_samples":
        source += f" AND source_file IS {'NOT ' if 'access_log' in value['labels'] else ''}NULL"
    return _summed(lake, metric.raw_table, source, shown, f"{instant} DESC", parameters)


def _summed(
    lake: Lake, table: str, source: str, shown: str, order: str, parameters: list[Any], batch: str = "batch_id"
) -> Origin:
    counted = lake.rows(f"SELECT count(*) AS n, list(DISTINCT {batch}) AS ids {source}", parameters)[0]
    examples = lake.read(f"SELECT {shown} AS text {source} ORDER BY {order} LIMIT {EXAMPLES}", parameters)
    return Origin(table, counted["n"], tuple(examples.column("text").to_pylist()), tuple(counted["ids"] or ()))
