"""Requests and calls of a period: each route's and statement's share of the time, and its time by five minutes.

Belongs here: reading them for all projects at once. Does not belong here: resources (`resources.py`), scores.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from quality_platform.model.tables_explanations import BOTTLENECKS

# As fine as samples of resources are as a rule; a day has 288.
BIN_SECONDS = 300
# A p95 of fewer requests is their largest.
FEWEST_REQUESTS = 5
CANDIDATES = 50
"""Calls and resources of a kind, project and period whose correlation is looked at: those with the most time."""


def newest(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `ends`: each project's newest timed request; what claims to be of the future does not count."""
    connection.execute(_ENDS)


def is_due(connection: duckdb.DuckDBPyConnection, name: str, hours: int) -> bool:
    """Whether the rows of period `name` are out of date: by a hundred-and-sixty-eighth of it, an hour of a week."""
    return bool(connection.execute(_DUE, [name, 3600 * hours / 168]).fetchall()[0][0])


def period(connection: duckdb.DuckDBPyConnection, hours: int) -> pa.Table:
    """Make `timed`, `totals` and `pace` for the last `hours` of each project, and return its candidates.

    `totals` has a project's p95, time and bounds, `pace` its p95 by bin. A candidate has project, kind, service, name,
    share_of_time, share_of_tail, calls, mean_ms, p95_ms, batch_id, and lists of bins and of the time spent in them.
    """
    for statement in (_SINCE, _HEARD, _TIMED, _TOTALS, _BINNED, _PACE, _CANDIDATES):
        connection.execute(statement.format(hours=hours))
    return connection.execute(_TOLD).to_arrow_table()


_ENDS = """
CREATE OR REPLACE TEMP TABLE ends AS
SELECT project, max(event_time) AS window_end FROM raw.request_samples
WHERE duration_ms IS NOT NULL AND event_time <= (SELECT max(ingested_at) FROM raw.batches) GROUP BY project
"""
_DUE = f"""
SELECT count(*) > 0 FROM ends LEFT JOIN (
    SELECT project, max(window_end) AS stored FROM marts.{BOTTLENECKS.name} WHERE period = $1 GROUP BY project
) USING (project)
WHERE stored IS NULL OR epoch(window_end) - epoch(stored) >= $2 OR window_end < stored
"""
# a constant, by which files of the lake are skipped
_SINCE = "SET VARIABLE timed_since = (SELECT min(window_end) - INTERVAL {hours} HOURS FROM ends)"
_WITHIN = """
    raw.request_samples r JOIN ends e ON r.project = e.project AND r.event_time <= e.window_end
        AND r.event_time > e.window_end - INTERVAL {hours} HOURS AND r.event_time > getvariable('timed_since')
        AND r.duration_ms IS NOT NULL
"""
# the same request may be told of by the application and by its web server's log
_HEARD = f"""
CREATE OR REPLACE TEMP TABLE heard AS
SELECT r.project, r.service, bool_or(r.source_file IS NULL) AS is_live
FROM {_WITHIN} WHERE r.operation = 'http.server' GROUP BY ALL
"""
_TIMED = f"""
CREATE OR REPLACE TEMP VIEW timed AS
SELECT r.project, r.service, r.operation, r.duration_ms, r.batch_id, e.window_end,
       epoch_us(r.event_time) // ({BIN_SECONDS} * 1000000) AS bin,
       CASE r.operation WHEN 'http.server' THEN 'route' WHEN 'database' THEN 'query' ELSE 'dependency' END AS kind,
       if(r.operation = 'http.server', concat_ws(' ', r.method, r.route), r.route) AS name
FROM {_WITHIN} LEFT JOIN heard h ON h.project = r.project AND h.service = r.service
WHERE r.operation <> 'http.server' OR (r.source_file IS NULL) = h.is_live
"""
# a project without requests, a worker's, is measured by its calls
_TOTALS = """
CREATE OR REPLACE TEMP TABLE totals AS
SELECT project, project IN (SELECT project FROM heard) AS has_requests, window_end,
       window_end - INTERVAL {hours} HOURS AS window_start,
       quantile_cont(duration_ms, 0.95) AS p95_ms, sum(duration_ms) AS total_ms
FROM timed WHERE kind = 'route' OR project NOT IN (SELECT project FROM heard)
GROUP BY project, window_end HAVING sum(duration_ms) > 0
"""
_BINNED = """
CREATE OR REPLACE TEMP TABLE binned AS
SELECT project, kind, service, name, bin, count(*) AS calls, sum(duration_ms) AS ms,
       sum(greatest(duration_ms - p95_ms, 0)) AS above, max(batch_id) AS batch_id
FROM timed JOIN totals USING (project) GROUP BY ALL
"""
_PACE = f"""
CREATE OR REPLACE TEMP TABLE pace AS
SELECT project, bin, quantile_cont(duration_ms, 0.95) AS p95_ms
FROM timed JOIN totals USING (project) WHERE kind = 'route' OR NOT has_requests
GROUP BY ALL HAVING count(*) >= {FEWEST_REQUESTS}
"""
_CANDIDATES = f"""
CREATE OR REPLACE TEMP TABLE candidates AS
WITH tails AS (
    SELECT project, sum(above) AS above FROM binned JOIN totals USING (project)
    WHERE kind = 'route' OR NOT has_requests GROUP BY project
)
SELECT b.project, b.kind, b.service, b.name, sum(b.calls)::BIGINT AS calls, sum(b.ms) / sum(b.calls) AS mean_ms,
       least(sum(b.ms) / any_value(t.total_ms), 1) AS share_of_time,
       coalesce(least(sum(b.above) / nullif(any_value(a.above), 0), 1), 0) AS share_of_tail,
       arg_max(b.batch_id, b.bin) AS batch_id, list(b.bin ORDER BY b.bin) AS bins,
       list(b.ms ORDER BY b.bin) AS measured
FROM binned b JOIN totals t USING (project) JOIN tails a USING (project)
GROUP BY b.project, b.kind, b.service, b.name
QUALIFY row_number() OVER (
    PARTITION BY b.project, b.kind ORDER BY share_of_tail + share_of_time DESC, b.service, b.name
) <= {CANDIDATES}
"""
_TOLD = """
SELECT c.*, p.p95_ms FROM candidates c JOIN (
    SELECT project, kind, service, name, quantile_cont(duration_ms, 0.95) AS p95_ms
    FROM timed SEMI JOIN candidates USING (project, kind, service, name) GROUP BY ALL
) p USING (project, kind, service, name) ORDER BY ALL
"""
