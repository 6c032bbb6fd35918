"""Metrics of what live clients, access logs and probes tell: services, sessions, what was taken in.

Belongs here: the entries. Does not belong here: the other areas (`metrics.py`, which lists all).
"""

from __future__ import annotations

from quality_platform.model.metric import Metric, hourly, sampled

SERVICE_METRICS = (
    hourly("performance.requests", "Requests per hour", "requests/h", "neutral", "performance_by_service.requests",
             "Requests that the service answered; zero in an hour without, for a week after the last."),
    hourly("performance.error_rate", "Error rate", "of 1", "lower_is_better", "performance_by_service.error_rate",
             "Share of the requests that failed.", effect=50.0),
    hourly("performance.p50_ms", "Response time, median", "ms", "lower_is_better", "performance_by_service.p50_ms",
             "Median duration of the hour's requests."),
    hourly("performance.p99_ms", "Response time, p99", "ms", "lower_is_better", "performance_by_service.p99_ms",
             "Duration that 99% of the hour's requests do not exceed."),
    hourly("performance.apdex", "Apdex", "of 1", "higher_is_better", "performance_by_service.apdex",
             "Apdex of the hour's requests with T = 500 ms.", effect=5.0),
    hourly("database.p99_ms", "Database time, p99", "ms", "lower_is_better", "int_services_hourly.p99_ms",
             "Duration that 99% of the service's calls to databases do not exceed."),
    hourly("database.error_rate", "Database error rate", "of 1", "lower_is_better", "int_services_hourly.errors",
             "Share of the service's calls to databases that failed.", effect=50.0),
    hourly("cache.hit_rate", "Cache hit rate", "of 1", "higher_is_better", "int_services_hourly.hits",
             "Hits over hits and misses, where clients tell them apart.", effect=5.0),
    hourly("health.uptime_percent", "Uptime", "%", "higher_is_better", "int_uptime_hourly.uptime_percent",
             "Share of the hour's probes that succeeded.", area="health", raw_table="metric_samples", effect=1.0),
)  # fmt: skip

PROBE_METRICS = (
    sampled("probe.up", "Probe", "of 1", "higher_is_better", "service", "1 where the probe succeeded, 0 where not.",
            area="health", effect=1.0),
    sampled("probe.duration_ms", "Probe duration", "ms", "lower_is_better", "service",
            "How long the probe took, all in all.", area="health", effect=20.0),
    sampled("probe.status_code", "Probe status", "status", "neutral", "service", "HTTP status that the probe met.",
            area="health"),
    sampled("probe.certificate_days_left", "Certificate", "days", "higher_is_better", "service",
            "Days until the certificate ends that the probe met.", area="health"),
    sampled("probe.processes", "Processes of a probe", "processes", "neutral", "service",
            "Processes of the name that the probe looks for.", area="health"),
    sampled("scrape.up", "Scrape", "of 1", "higher_is_better", "service",
            "1 where the target showed its metrics, 0 where not.", area="health", effect=1.0),
    sampled("monitor.check_in", "Check-in of a job", "s", "neutral", "service",
            "How long the job took, 0 where it does not say; label status.", area="health", effect=20.0),
)  # fmt: skip

INGEST_METRICS = (
    sampled("platform.ingest_requests", "Requests to the live service", "requests/s", "neutral", "platform",
            "Requests answered in the last minute, a second.", area="platform", effect=50.0),
    sampled("platform.ingest_refused", "Requests refused", "requests/s", "lower_is_better", "platform",
            "Requests answered with a status of 400 and above in the last minute, a second.", area="platform",
            effect=50.0),
    sampled("platform.ingest_items", "Items accepted", "items/s", "neutral", "platform",
            "Items accepted in the last minute, a second.", area="platform", effect=50.0),
    sampled("platform.ingest_rows", "Rows stored", "rows/s", "neutral", "platform",
            "Rows brought from the spool to the lake in the last minute, a second.", area="platform", effect=50.0),
    sampled("platform.ingest_latency_p50_ms", "Answer time, median", "ms", "lower_is_better", "platform",
            "Median time from a request to its answer in the last minute.", area="platform", effect=50.0),
    sampled("platform.ingest_latency_p99_ms", "Answer time, p99", "ms", "lower_is_better", "platform",
            "Time to the answer that 99% of the last minute's requests did not exceed.", area="platform", effect=50.0),
    sampled("platform.ingest_lag_p99_ms", "Lag of the lake, p99", "ms", "lower_is_better", "platform",
            "Time from acceptance to the lake that 99% of the last minute's commits did not exceed.", area="platform",
            effect=50.0),
    sampled("platform.ingest_waiting", "Requests waiting", "requests", "lower_is_better", "platform",
            "Requests in the spool that the lake is late with.", area="platform", effect=100.0),
    sampled("platform.ingest_failures", "Commits failed", "commits", "lower_is_better", "platform",
            "Commits to the lake in the last minute that failed and were tried again.", area="platform", effect=100.0),
    sampled("platform.ingest_held_bytes", "Memory of requests", "bytes", "lower_is_better", "platform",
            "Bytes of requests that are in memory.", area="platform", effect=100.0),
    sampled("platform.live_clients", "Clients looking on", "clients", "neutral", "platform",
            "Clients of the WebSocket.", area="platform", effect=100.0),
)  # fmt: skip

LIVE_METRICS = (
    Metric("errors.crash_free_sessions", "Crash-free sessions", "errors", "of 1", "higher_is_better", "application",
           "day", "session_health", "crash_free_rate", "sessions",
           "Share of the day's sessions that did not crash, as clients report them.", (), 1.0),
    Metric("errors.error_free_sessions", "Error-free sessions", "errors", "of 1", "higher_is_better", "application",
           "day", "session_health", "error_free_rate", "sessions",
           "Share of the day's sessions without any error, as clients report them.", (), 1.0),
    Metric("ingest.rejected_share", "Rejected items", "platform", "of 1", "lower_is_better", "platform", "hour",
           "ingest_ledger", "rejected", "ingest_counts",
           "Share of the items received in the hour that were rejected.", (), 50.0),
)  # fmt: skip
