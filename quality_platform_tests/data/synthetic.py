"""Made-up sources for tests and benchmarks of the SQL half: rows of raw tables by the thousand, from DuckDB.

Belongs here: shapes and sizes. Does not belong here: a case whose every value matters (the test states it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from quality_platform.model.batch import Appended, Batch, Source, batch_id
from quality_platform.model.tables import RAW_TABLES
from quality_platform.warehouse.lake import Lake

Rows = pa.Table | Sequence[Mapping[str, Any]]


def store(
    lake: Lake, tables: Mapping[str, Rows], *, project: str = "shop", collector: str = "test", **read_from: object
) -> Appended:
    """Append one batch as a collector would; rows given as mappings may leave nullable columns out."""
    arrow = {name: _table(name, rows) for name, rows in tables.items()}
    source = Source(f"{collector}:{project}", collector, project, project)
    identity = batch_id(project, collector, read_from, {name: rows.to_pylist() for name, rows in arrow.items()})
    return lake.append(Batch(identity, source, collector, "1", read_from, arrow))


def _table(name: str, rows: Rows) -> pa.Table:
    schema = RAW_TABLES[name].schema
    return rows.cast(schema) if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), schema=schema)


def instant(text: str) -> datetime:
    """The instant written as `2026-01-31 12:00`, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def repository(commits: int, files: int) -> dict[str, pa.Table]:
    """A linear history in which each commit rewrites two of the files; every tenth file is not Python."""
    parameters = {"commits": commits, "files": files}
    return {name: _select(name, sql, parameters) for name, sql in _REPOSITORY.items()}


def samples(metrics: int, subjects: int, instants: int, *, seconds: int = 300) -> pa.Table:
    """`metrics * subjects` series of `instants` samples, one each `seconds`, ending at a fixed date."""
    sql = """
        SELECT 'load.metric_' || lpad(m::VARCHAR, 4, '0') AS metric, 'host-' || s AS subject, '{}' AS labels,
            TIMESTAMPTZ '2026-06-30 00:00:00Z' - to_seconds($seconds * (i + 1)) AS observed_at,
            50 + 10 * sin(i / 288.0) + (hash(m, s, i) % 1000) / 100.0 AS value, 'gauge' AS kind
        FROM range($metrics) AS ms (m), range($subjects) AS ss (s), range($instants) AS instants (i)
    """
    parameters = {"metrics": metrics, "subjects": subjects, "instants": instants, "seconds": seconds}
    return _select("metric_samples", sql, parameters)


def coverage(commit: str, files: int, *, covered: int) -> pa.Table:
    """A report on `commit` that covers `covered` of 100 lines in each of the first `files` files of `repository`."""
    sql = """
        SELECT 'c' || $commit AS commit_sha, 'src/part_' || f % 10 || '/file_' || f || '.py' AS path,
            'coverage.xml' AS report, 'cobertura' AS format, 100 AS lines_executable, $covered AS lines_covered,
            TIMESTAMPTZ '2026-06-01 00:00:00Z' + to_minutes($covered) AS measured_at
        FROM range($files) AS fs (f) WHERE f % 10 <> 9
    """
    return _select("code_coverage", sql, {"commit": int(commit[1:]), "files": files, "covered": covered})


def errors(events: int, faults: int) -> pa.Table:
    """`events` errors, a minute apart, of `faults` different places in the code."""
    sql = """
        SELECT 'e' || i AS event_id, TIMESTAMPTZ '2026-06-01 00:00:00Z' + to_minutes(i) AS event_time,
            'error' AS level, 'ValueError' AS type, 'cannot read item ' || i AS message,
            '[{"module": "shop.cart", "function": "place_' || i % $faults
                || '", "file": "shop/cart.py", "line": ' || i || ', "in_app": true}]' AS frames,
            '[]' AS exceptions, 'u' || i % 50 AS user_key, 's' || i % 200 AS session_id
        FROM range($events) AS events (i)
    """
    return _select("error_events", sql, {"events": events, "faults": faults})


def usage(events: int, users: int) -> pa.Table:
    """`events` usage events of each of `users` users, their gaps from a minute over exactly thirty to days.

    User 0 comes every twenty minutes without end; every fourth user's client names its sessions.
    """
    sql = """
        WITH gaps AS (
            SELECT u, i, CASE WHEN u = 0 THEN 20 WHEN hash(u, i) % 10 < 7 THEN 1 + hash(i, u) % 29
                WHEN hash(u, i) % 10 = 7 THEN 30 WHEN hash(u, i) % 10 = 8 THEN 31 + hash(i, u) % 600
                ELSE 1440 * (1 + hash(i, u) % 9) END AS minutes
            FROM range($users) AS us (u), range($events) AS events (i)
        )
        SELECT 'u' || u || '-' || i AS event_id,
            TIMESTAMPTZ '2026-03-01 00:00:00Z' + to_minutes(sum(minutes) OVER (PARTITION BY u ORDER BY i)::INTEGER)
                AS event_time,
            'step_' || hash(i) % 7 AS event_name, 'user-' || u AS user_key, '{}' AS properties,
            if(i % 5 = 0, NULL, 'feature_' || (u + i) % 3) AS feature,
            if(u % 4 = 1, 'tab-' || i // 6, NULL) AS session_id
        FROM gaps
    """
    return _select("usage_events", sql, {"events": events, "users": users})


def _select(name: str, sql: str, parameters: Mapping[str, int]) -> pa.Table:
    used = {key: value for key, value in parameters.items() if f"${key}" in sql}
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT * FROM ({sql})", used).to_arrow_table()
    schema = RAW_TABLES[name].schema
    columns = [
        rows.column(field.name) if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, names=schema.names).cast(schema)


# file f has at commit c the content of version v: the newest commit up to c that rewrote it
_FILE = "'src/part_' || f % 10 || '/file_' || f || if(f % 10 = 9, '.md', '.py')"
_VERSION = "greatest(c - (c - f % 25) % 25, 0)"
_BLOBS = f"(SELECT DISTINCT f, {_VERSION} AS v FROM range($files) AS fs (f), range($commits) AS cs (c))"
_REPOSITORY = {
    "code_commits": """
        SELECT 'c' || c AS commit_sha, 't' || c AS tree_sha, if(c = 0, [], ['c' || (c - 1)]) AS parents,
            'Author ' || c % 4 AS author, 'key' || c % 4 AS author_key,
            TIMESTAMPTZ '2026-01-01 12:00:00Z' + to_hours(7 * c) AS authored_at,
            TIMESTAMPTZ '2026-01-01 12:00:00Z' + to_hours(7 * c) AS committed_at,
            'Change ' || c AS subject, true AS on_main, c AS position
        FROM range($commits) AS cs (c)
    """,
    "code_files": f"""
        SELECT 'c' || c AS commit_sha, {_FILE} AS path, 'b' || f || '-' || {_VERSION} AS blob_id,
            if(f % 10 = 9, NULL, 'python') AS language
        FROM range($commits) AS cs (c), range($files) AS fs (f)
    """,
    "code_changes": f"""
        SELECT 'c' || c AS commit_sha, {_FILE} AS path, 10 + c % 7 AS lines_added, c % 5 AS lines_removed
        FROM range($commits) AS cs (c), range($files) AS fs (f)
        WHERE {_VERSION} = c
    """,
    "code_file_metrics": f"""
        SELECT 'b' || f || '-' || v AS blob_id, 'python' AS language, 'radon 6' AS engine, true AS analysed,
            4000 + 10 * v AS bytes, 0 AS unparsed_bytes, 120 + v AS lines_of_code, 90 + v AS source_lines, 80 + v AS logical_lines,
            10 AS comment_lines, 12 AS multi_lines, 8 AS blank_lines, 20 + f % 30 AS cyclomatic_complexity,
            5 + f % 20 AS max_complexity, 8 AS functions, 2 AS classes, 900.0 + f AS halstead_volume,
            9000.0 AS halstead_effort, 40.0 + f % 60 AS maintainability_index
        FROM {_BLOBS} AS blobs
        WHERE f % 10 <> 9
    """,
    "code_functions": f"""
        SELECT 'b' || f || '-' || v AS blob_id, 'function' AS kind, 'function_' || n AS qualified_name,
            10 * n + 1 AS start_line, 10 * n + 8 + f % 70 AS end_line, 1 + (f + n) % 15 AS cyclomatic_complexity,
            if((f + n) % 15 < 5, 'A', 'B') AS rank
        FROM {_BLOBS} AS blobs, range(8) AS ns (n)
        WHERE f % 10 <> 9
    """,
    "code_findings": f"""
        SELECT 'b' || f || '-' || v AS blob_id, 'bandit' AS tool, 'B' || 100 + f % 5 AS rule, 'security' AS category,
            CASE f % 3 WHEN 0 THEN 'high' WHEN 1 THEN 'medium' ELSE 'low' END AS severity, 'high' AS confidence,
            7 + f % 50 AS line, 7 + f % 50 AS end_line, 4 AS column_number, 'Possible trouble' AS message
        FROM {_BLOBS} AS blobs
        WHERE f % 4 = 0 AND f % 10 <> 9
    """,
    "code_analyses": f"""
        SELECT 'b' || f || '-' || v AS blob_id, tool, '1' AS tool_version
        FROM {_BLOBS} AS blobs, (VALUES ('numbers'), ('bandit')) AS tools (tool)
        WHERE f % 10 <> 9
    """,
}
