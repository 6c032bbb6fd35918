"""Contracts of the raw tables that only live clients and access logs fill, and of the ingest ledger."""

from __future__ import annotations

from quality_platform.model.columns import Column, Table
from quality_platform.model.tables_runtime import EVENT_ID, EVENT_TIME

OPERATIONS = ("http.server", "http.client", "database", "cache", "queue", "other")
SESSION_STATUSES = ("ok", "exited", "errored", "crashed", "abnormal", "unhandled")
OUTCOMES = ("received", "stored", "duplicate", "rejected", "lost")
CATEGORIES = ("error", "log", "transaction", "span", "session", "metric", "event", "monitor", "other")

RELEASE = Column("release", "string", "Release of the application.", max_length=200)
ENVIRONMENT = Column("environment", "string", "Environment.", max_length=200)
USER_KEY = Column("user_key", "string", "Pseudonym of the user concerned.", max_length=64)

REQUEST_SAMPLES = Table(
    name="request_samples",
    description="Requests and the calls made on their way: spans, transactions, lines of access logs.",
    grain="one row per request or call",
    key=("project", "event_id"),
    columns=(
        EVENT_ID,
        Column("event_time", "timestamp", "When it began.", required=True),
        Column("operation", "string", "What kind of call it was.", required=True, allowed=OPERATIONS),
        Column("service", "string", "Service that answered, or made the call.", required=True, max_length=200),
        Column("route", "string", "Route template, statement without values, or cache key's pattern.",
               required=True, max_length=1000),
        Column("method", "string", "HTTP method, SQL verb or cache command.", max_length=40),
        Column("status", "integer", "HTTP status, where there is one.", minimum=0, maximum=999),
        Column("is_error", "boolean", "Whether it failed: an HTTP status of 500 and above, or the span says so.",
               required=True),
        Column("duration_ms", "double", "How long it took, milliseconds; null where an access log does not say.",
               minimum=0),
        Column("system", "string", "Database or cache system: postgresql, redis.", max_length=80),
        Column("cache_hit", "boolean", "Whether the cache had it; null where that is unknown."),
        Column("response_bytes", "integer", "Size of the answer.", minimum=0),
        Column("trace_id", "string", "Trace that it belongs to.", max_length=64),
        Column("span_id", "string", "Span.", max_length=64),
        Column("parent_span_id", "string", "Span that made the call.", max_length=64),
        RELEASE,
        ENVIRONMENT,
        USER_KEY,
        Column("source_file", "string", "Access log that it was read from.", max_length=4096),
        Column("source_line", "integer", "Line in that file, from 1.", minimum=1),
    ),
    sorted_by=("project", "operation", "service", "event_time"),
)  # fmt: skip

SESSIONS = Table(
    name="sessions",
    description="Application sessions as clients report them, single or already summed up.",
    grain="one row per session update, or per minute, release and status of summed-up sessions",
    key=("project", "event_id"),
    columns=(
        EVENT_ID,
        Column("event_time", "timestamp", "When the session began, or the minute that is summed up.", required=True),
        Column("session_id", "string", "Client's identity of the session; null where summed up.", max_length=200),
        Column("status", "string", "How it stood.", required=True, allowed=SESSION_STATUSES),
        Column("sequence", "integer", "Order of the session's updates."),
        Column("errors", "integer", "Errors in it so far.", minimum=0),
        Column("duration_seconds", "double", "How long it lasted.", minimum=0),
        Column("quantity", "integer", "Sessions that the row stands for.", required=True, minimum=1),
        USER_KEY,
        RELEASE,
        ENVIRONMENT,
    ),
)

CLIENT_LOSSES = Table(
    name="client_losses",
    description="What clients say they threw away before sending.",
    grain="one row per report, category and reason",
    key=("project", "event_id"),
    columns=(
        EVENT_ID,
        EVENT_TIME,
        Column("client", "string", "Client and version.", max_length=200),
        Column("category", "string", "Kind of item.", required=True, allowed=CATEGORIES),
        Column("reason", "string", "Why it was thrown away, in the client's word.", required=True, max_length=200),
        Column("quantity", "integer", "How many.", required=True, minimum=1),
    ),
)

INGEST_COUNTS = Table(
    name="ingest_counts",
    description="What became of every item that was sent: the rows of the ingest ledger.",
    grain="one row per batch, hour, door, category, outcome and reason",
    key=("batch_id", "hour", "door", "category", "outcome", "reason"),
    columns=(
        Column("hour", "timestamp", "Hour in which it was received, UTC.", required=True),
        Column("door", "string", "Protocol that it came by.", required=True, max_length=40),
        Column("category", "string", "Kind of item.", required=True, allowed=CATEGORIES),
        Column("outcome", "string", "received counts arrivals; the others what became of them.", required=True,
               allowed=OUTCOMES),
        Column("reason", "string", "Why it was rejected or lost; empty otherwise.", required=True, max_length=200),
        Column("quantity", "integer", "Items.", required=True, minimum=0),
    ),
)  # fmt: skip

LIVE_TABLES = (REQUEST_SAMPLES, SESSIONS, CLIENT_LOSSES, INGEST_COUNTS)
