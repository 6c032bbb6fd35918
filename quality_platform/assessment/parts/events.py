"""Parts of the metrics of events: errors by group and release, sessions, usage, refusals.

Zero-filled hours and days have observations without rows; they count as zero of every part.
"""

from __future__ import annotations

from quality_platform.assessment.parts.dimension import Dimension, Rows, frozen, quoted, summed

# the bounds by themselves besides, since files of the lake are skipped by constants alone
HOUR = (
    "to_timestamp(epoch_us({instant}) // 3600000000 * 3600) = m.observed_at "
    "AND {instant} >= getvariable('looked_from') AND {instant} < getvariable('looked_to') + INTERVAL 1 HOUR"
)
PROJECT = f"' WHERE project = ' || {quoted('project')}"


def within(instant: str, length: str) -> str:
    """SQL that bounds `instant` by the window of a change whose observations last for `length`."""
    start, end = (quoted(f"({bound})::VARCHAR") for bound in ("window_start", f"window_end + INTERVAL {length}"))
    return f"' AND {instant} >= ' || {start} || '::TIMESTAMPTZ AND {instant} < ' || {end} || '::TIMESTAMPTZ'"


def _where(table: str, column: str, length: str, *, instant: str = "event_time", value: str = "part") -> str:
    known = f"if({value} = 'unknown', ' IS NULL', ' = ' || {quoted(value)})"
    return f"'FROM raw.{table}' || {PROJECT} || ' AND {column}' || {known} || {within(instant, length)}"


# an error's group is no column of raw: one event leads to the others
ERROR_GROUP = summed(
    "error_group",
    {"errors.events": ("1", None)},
    Rows("marts.error_events r", f"r.project = m.project AND r.is_error AND {HOUR.format(instant='r.event_time')}"),
    part="r.group_key",
    trace="r.event_id",
    evidence=f"'FROM raw.error_events' || {PROJECT} || ' AND event_id = ' || "
    f"{quoted('coalesce(trace_after, trace_before)')}",
)
ERROR_RELEASE = summed(
    "release",
    {"errors.events": ("1", None)},
    Rows("marts.error_events r", f"r.project = m.project AND r.is_error AND {HOUR.format(instant='r.event_time')}"),
    part="coalesce(r.release, 'unknown')",
    evidence=_where("error_events", "release", "1 HOUR"),
)
GROUPS = summed(
    "error_group",
    {"errors.groups": ("r.present", None)},
    Rows(
        """(SELECT project, group_key, epoch_us(event_time) // 86400000000 AS day_number, 1 AS present,
                   any_value(event_id) AS event_id, any_value(batch_id) AS batch_id
            FROM marts.error_events SEMI JOIN moments USING (project) WHERE is_error GROUP BY ALL) r""",
        "r.project = m.project AND to_timestamp(r.day_number * 86400) = m.observed_at",
    ),
    part="r.group_key",
    trace="r.event_id",
    evidence=ERROR_GROUP.evidence,
)

SESSIONS = frozen(
    {
        "errors.crash_free_sessions": ("r.sessions - r.crashed", "r.sessions"),
        "errors.error_free_sessions": ("r.healthy", "r.sessions"),
    }
)
ENDINGS = Rows("marts.session_health r", "r.project = m.project AND to_timestamp(epoch(r.day)) = m.observed_at")


def _sessions_by(dimension: str) -> Dimension:
    evidence = _where("sessions", dimension, "1 DAY")
    return summed(dimension, SESSIONS, ENDINGS, part=f"r.{dimension}", evidence=evidence)


# Whoever is active in several parts on one day counts as a fraction in each, so that users add up.
USED = Rows(
    """(SELECT project, day, part, sum(events) AS events, sum(1 / parts) AS users, sum(sessions) AS sessions,
               any_value(batch_id) AS batch_id
        FROM (SELECT *, count(*) OVER (PARTITION BY project, day, user_key) AS parts
              FROM (SELECT project, day, user_key, coalesce({column}, 'unknown') AS part, count(*) AS events,
                           any_value(batch_id) AS batch_id
                    FROM marts.intermediate.int_usage_sessions SEMI JOIN moments USING (project) GROUP BY ALL)
              UNION ALL BY NAME
              SELECT project, day, coalesce({of_session}, 'unknown') AS part, count(*) AS sessions,
                     any_value(batch_id) AS batch_id
              FROM marts.sessions SEMI JOIN moments USING (project) GROUP BY ALL)
        GROUP BY ALL) r""",
    "r.project = m.project AND to_timestamp(epoch(r.day)) = m.observed_at",
)
USAGE = frozen(
    {
        "usage.events": ("coalesce(r.events, 0)", None),
        "usage.active_users": ("coalesce(r.users, 0)", None),
        "usage.sessions": ("coalesce(r.sessions, 0)", None),
    }
)


def _usage_by(dimension: str, column: str, *, of_session: str = "") -> Dimension:
    source = USED.source.format(column=column, of_session=of_session or column)
    evidence = _where("usage_events", column, "1 DAY")
    return summed(dimension, USAGE, Rows(source, USED.on), part="r.part", evidence=evidence)


REFUSED = summed(
    "reason",
    {"platform.quarantined_rows": ("1", None)},
    Rows(
        "marts.staging.stg_quarantine r", f"r.project = m.project AND {HOUR.format(instant='r.ingested_at')}"
    ),
    part="r.table_name || ': ' || r.reason",
    trace="r.table_name",
    evidence=f"'FROM raw.quarantine' || {PROJECT} || ' AND table_name || '': '' || reason = ' || {quoted('part')} || "
    f"{within('ingested_at', '1 HOUR')}",
)  # fmt: skip
DOORS = summed(
    "door",
    {"ingest.rejected_share": ("r.rejected", "r.stored + r.duplicate + r.rejected")},
    Rows("marts.ingest_ledger r", "r.project = m.project AND r.hour = m.observed_at"),
    part="r.door || ' ' || r.category",
    evidence=f"'FROM raw.ingest_counts' || {PROJECT} || ' AND door || '' '' || category = ' || {quoted('part')} || "
    f"{within('hour', '1 HOUR')}",
)

DIMENSIONS = (
    ERROR_GROUP,
    ERROR_RELEASE,
    GROUPS,
    _sessions_by("release"),
    _sessions_by("environment"),
    _usage_by("event", "event_name", of_session="entry_event"),
    _usage_by("release", "release"),
    _usage_by("environment", "environment"),
    REFUSED,
    DOORS,
)
