"""Parts of the metrics of services: routes, statements, patterns of a cache's keys.

A percentile is no sum over routes. What moves it is how many calls are on its far side, so the share of calls above
the midpoint of both levels stands for it. Does not belong here: what a service waits for (`../bottlenecks.py`).
"""

from __future__ import annotations

from quality_platform.assessment.parts.dimension import Dimension, Measures, Rows, quoted, summed
from quality_platform.assessment.parts.events import HOUR, PROJECT, within

SERVED = (
    "r.project = m.project AND r.service = m.subject AND r.operation = '{operation}' "
    "AND (r.{log}) = (m.labels <> '{{}}')"
)
HTTP_PART = "concat_ws(' ', nullif(coalesce(r.method, 'unknown'), 'unknown'), r.route)"
PERCENTILES = {"performance.p50_ms": 1, "performance.p99_ms": 2, "database.p99_ms": 2}


def _evidence(operation: str) -> str:
    return (
        f"'FROM raw.request_samples' || {PROJECT} || ' AND service = ' || {quoted('subject')} || "
        f"' AND operation = ''{operation}'' AND route = ' || {quoted('coalesce(trace_after, trace_before)')} || "
        f"{within('event_time', '1 HOUR')}"
    )


def _counted(dimension: str, operation: str, part: str, measures: Measures) -> Dimension:
    """Metrics that are sums or ratios of counts: by the hour as they are stored."""
    on = SERVED.format(operation=operation, log="reported_by = 'access_log'")
    near = "r.hour BETWEEN getvariable('looked_from') AND getvariable('looked_to')"
    rows = Rows("marts.intermediate.int_calls_hourly r", f"{on} AND r.hour = m.observed_at AND {near}")
    return summed(dimension, measures, rows, part=part, trace="r.route", evidence=_evidence(operation))


def _timed(dimension: str, operation: str, part: str, metrics: tuple[str, ...]) -> Dimension:
    """Percentiles: from the calls themselves, those of the hours looked at."""
    on = SERVED.format(operation=operation, log="source_file IS NOT NULL")
    rows = Rows(
        "marts.staging.stg_request_samples r",
        f"{on} AND r.duration_ms IS NOT NULL AND {HOUR.format(instant='r.event_time')}",
    )
    places = " ".join(f"WHEN '{metric}' THEN {PERCENTILES[metric]}" for metric in metrics)
    own = f"list_extract(quantile_cont(r.duration_ms, [0.5, 0.99]), CASE any_value(m.metric) {places} END)"
    measures = dict.fromkeys(metrics, ("(r.duration_ms > m.midpoint)::INT", "1"))
    return summed(
        dimension, measures, rows, part=part, trace="r.route", own=own, evidence=_evidence(operation), stands_for=True
    )


DIMENSIONS = (
    _counted(
        "route",
        "http.server",
        HTTP_PART,
        {
            "performance.requests": ("r.calls", None),
            "performance.error_rate": ("r.errors", "r.calls"),
            "performance.apdex": ("r.satisfied + r.tolerating / 2", "r.timed"),
        },
    ),
    _timed("route", "http.server", HTTP_PART, ("performance.p50_ms", "performance.p99_ms")),
    _counted("statement", "database", "r.route", {"database.error_rate": ("r.errors", "r.calls")}),
    _timed("statement", "database", "r.route", ("database.p99_ms",)),
    _counted("key", "cache", "r.route", {"cache.hit_rate": ("r.hits", "r.hits + r.misses")}),
)
