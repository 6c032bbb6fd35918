"""Which steps are to be explained, and the observations on both sides of each that are looked at.

Belongs here: the temporary tables `changes` and `moments` of a connection. Does not belong here: parts.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from quality_platform.assessment.series import KEY

_KEYS = ", ".join(KEY)


def look(connection: duckdb.DuckDBPyConnection, points: Mapping[str, int]) -> int:
    """Make `changes` and `moments` of the steps that are not explained as they are now; returns how many these are.

    `points` says how many observations on each side count, by metric; they reach no further than the steps before and
    after. `explained` has the key of those that are. A step is explained anew when its window has grown or its
    observations have changed.
    """
    connection.execute(_POINTS, [list(points), list(points.values())])
    for statement in (_WINDOW, _FOUND, _EXPLAINED, _CHANGES, _COMMITS, _MOMENTS):
        connection.execute(statement)
    (count,) = connection.execute("SELECT count(*) FROM changes").fetchall()[0]
    return int(count)


_POINTS = "CREATE OR REPLACE TEMP TABLE explicable AS SELECT unnest($1) AS metric, unnest($2) AS points"
_WINDOW = f"""
CREATE OR REPLACE TEMP TABLE observed AS
WITH steps AS (
    SELECT c.*, e.points AS most, lag(changed_at) OVER series AS lower, lead(changed_at) OVER series AS upper
    FROM marts.metric_changes c JOIN explicable e USING (metric)
    WINDOW series AS (PARTITION BY {_KEYS} ORDER BY changed_at)
)
SELECT {_KEYS}, s.changed_at, f.observed_at, f."value", f.batch_id, f.observed_at >= s.changed_at AS is_after
FROM steps s JOIN marts.fct_observations f USING ({_KEYS})
WHERE f.observed_at >= coalesce(s.lower, '-infinity') AND f.observed_at < coalesce(s.upper, 'infinity')
QUALIFY row_number() OVER (
    PARTITION BY {_KEYS}, s.changed_at, is_after ORDER BY abs(epoch_us(f.observed_at) - epoch_us(s.changed_at))
) <= s.most
"""
_FOUND = f"""
CREATE OR REPLACE TEMP TABLE found AS
SELECT {_KEYS}, changed_at, min(observed_at) AS window_start, max(observed_at) AS window_end,
       avg("value") FILTER (NOT is_after) AS before, avg("value") FILTER (is_after) AS after, after - before AS effect
FROM observed GROUP BY ALL HAVING effect <> 0
"""
# sums of floating point numbers depend on the order of rows, which is not always the same
_EXPLAINED = f"""
CREATE OR REPLACE TEMP TABLE explained AS
SELECT DISTINCT {_KEYS}, changed_at FROM marts.metric_change_causes c JOIN found f USING ({_KEYS}, changed_at)
WHERE (c.window_start, c.window_end) = (f.window_start, f.window_end)
    AND abs(c.effect - f.effect) <= 1e-9 * abs(f.effect)
"""
_CHANGES = f"""
CREATE OR REPLACE TEMP TABLE changes AS
SELECT row_number() OVER (ORDER BY {_KEYS}, changed_at) - 1 AS change_id, *
FROM found ANTI JOIN explained USING ({_KEYS}, changed_at)
"""
# of commits of one second the last stands for the instant, and coverage is observed when the tests ran
_COMMITS = """
CREATE OR REPLACE TEMP TABLE commits AS
WITH main AS (SELECT * FROM marts.code_quality_by_commit SEMI JOIN changes USING (project) WHERE on_main)
SELECT project, committed_at AS observed_at, false AS is_covered, arg_max(commit_sha, "position") AS commit_sha,
       NULL::TIMESTAMPTZ AS known_at
FROM main GROUP BY ALL
UNION ALL
SELECT project, greatest(m.committed_at, c.known_at), true, arg_max(commit_sha, c.known_at), max(c.known_at)
FROM main m JOIN marts.intermediate.int_coverage c USING (project, commit_sha) GROUP BY ALL
"""
_MOMENTS = f"""
CREATE OR REPLACE TEMP TABLE moments AS
SELECT c.change_id, {", ".join(f"c.{name}" for name in KEY)}, o.observed_at, o."value", o.batch_id, o.is_after,
       count(*) OVER (PARTITION BY c.change_id, o.is_after) AS points, (c.before + c.after) / 2 AS midpoint,
       k.commit_sha, k.known_at
FROM changes c JOIN observed o USING ({_KEYS}, changed_at)
LEFT JOIN commits k ON k.project = c.project AND k.observed_at = o.observed_at
    AND k.is_covered = (c.metric = 'code.coverage_percent') AND regexp_matches(c.metric, '^(code|security)[.]')
"""
