"""Contracts of the raw tables that hosts, logs and applications fill, and of the alerting history."""

from __future__ import annotations

from typing import get_args

from quality_platform.model.alerts import EventKind
from quality_platform.model.columns import Column, Table

LEVELS = ("fatal", "error", "warning", "info", "debug")
ALERT_EVENT_KINDS = get_args(EventKind)
EVENT_ID = Column("event_id", "string", "Stable identity of the event.", required=True, max_length=200)
EVENT_TIME = Column("event_time", "timestamp", "When it happened.", required=True)

METRIC_SAMPLES = Table(
    name="metric_samples",
    description="Measured values as they came: host, process, probe and custom metrics.",
    grain="one row per project, metric, subject, labels and instant",
    key=("project", "metric", "subject", "labels", "observed_at"),
    columns=(
        Column("metric", "string", "Name in the metric catalogue.", required=True, max_length=200),
        Column("subject", "string", "What was measured: host, process, service.", required=True, max_length=500),
        Column("labels", "string", "Further dimensions as canonical JSON; '{}' for none.", required=True),
        Column("observed_at", "timestamp", "Instant of the measurement.", required=True),
        Column("value", "double", "The value, finite.", required=True),
        Column(
            "kind",
            "string",
            "How to read it; a counter is the sum since its start.",
            required=True,
            allowed=("gauge", "rate", "count", "counter"),
        ),
    ),
    sorted_by=("metric", "project", "subject", "observed_at"),
)

ERROR_EVENTS = Table(
    name="error_events",
    description="Errors and log lines of level warning and above, from files and live clients.",
    grain="one row per event",
    key=("project", "event_id"),
    columns=(
        EVENT_ID,
        EVENT_TIME,
        Column("level", "string", "Severity.", required=True, allowed=LEVELS),
        Column("type", "string", "Type of the exception raised last; null for a plain line.", max_length=500),
        Column("message", "string", "The line's or the exception's, cut at 8 KiB.", required=True, max_length=8192),
        Column("frames", "string", "That exception's frames as JSON, outermost call first.", required=True),
        Column("exceptions", "string", "The whole chain as JSON, root cause first.", required=True),
        Column("culprit", "string", "Function that failed: the last frame in the application.", max_length=1000),
        Column("handled", "boolean", "False where it ended the program; null where unknown."),
        Column("logger", "string", "Logger or program.", max_length=500),
        Column("platform", "string", "Language or system.", max_length=40),
        Column("release", "string", "Release of the application.", max_length=200),
        Column("environment", "string", "Environment.", max_length=200),
        Column("user_key", "string", "Pseudonym of the user concerned.", max_length=64),
        Column("session_id", "string", "Session concerned.", max_length=200),
        Column("trace_id", "string", "Trace concerned.", max_length=64),
        Column("source_file", "string", "Log file that it was read from.", max_length=4096),
        Column("source_line", "integer", "First line in that file, from 1.", minimum=1),
    ),
)

USAGE_EVENTS = Table(
    name="usage_events",
    description="What users did, with identifiers already pseudonymised.",
    grain="one row per event",
    key=("project", "event_id"),
    columns=(
        EVENT_ID,
        EVENT_TIME,
        Column("event_name", "string", "What happened.", required=True, max_length=500),
        Column(
            "user_key",
            "string",
            "Keyed hash of the user's identifier, or of an unknown visitor's network and day.",
            required=True,
            max_length=64,
        ),
        Column("session_id", "string", "The client's session, where it sent one.", max_length=200),
        Column("properties", "string", "Further properties as JSON.", required=True),
        Column("feature", "string", "Feature that it belongs to.", max_length=500),
        Column("release", "string", "Release of the application.", max_length=200),
        Column("environment", "string", "Environment.", max_length=200),
        Column("source_file", "string", "File that it was read from.", max_length=4096),
        Column("source_line", "integer", "Line in that file, from 1.", minimum=1),
    ),
)

ALERT_EVENTS = Table(
    name="alert_events",
    description="Every transition of every alert, copied from the state database.",
    grain="one row per transition",
    key=("event_id",),
    columns=(
        EVENT_ID,
        EVENT_TIME,
        Column("alert_id", "string", "Episode that it belongs to.", required=True),
        Column("rule", "string", "Rule that decided.", required=True),
        Column("alert_type", "string", "Type of the rule.", required=True),
        Column("kind", "string", "What happened.", required=True, allowed=ALERT_EVENT_KINDS),
        Column("severity", "string", "Severity after it.", required=True, allowed=("critical", "warning", "info")),
        Column("metric", "string", "Metric.", required=True),
        Column("subject", "string", "Subject of the series.", required=True),
        Column("labels", "string", "Labels of the series as JSON.", required=True),
        Column("value", "double", "Value that decided."),
        Column("threshold", "double", "Threshold it was held against."),
        Column("observed_at", "timestamp", "Instant of that value.", required=True),
        Column("message", "string", "The alert's sentence.", required=True),
        Column("reason", "string", "Why it was resolved: recovered, manual, rule_removed, ended …"),
        Column("breached_at", "timestamp", "First observation that breached; of what fired or reopened."),
        Column("actor", "string", "Who did it; null for the platform itself."),
        Column("note", "string", "What was said with it."),
    ),
)

DELIVERIES = Table(
    name="deliveries",
    description="Every attempt to deliver a message, copied from the state database.",
    grain="one row per attempt",
    key=("delivery_id",),
    columns=(
        Column("delivery_id", "string", "Stable identity of the attempt.", required=True, max_length=200),
        Column("message_id", "string", "The message; the same at every attempt.", required=True),
        Column("channel", "string", "Channel that it went to.", required=True),
        Column("kind", "string", "What the message says: firing, repeat, resolved, digest, report …", required=True),
        Column("severity", "string", "Highest severity in it.", required=True),
        Column("alert_ids", "string", "Episodes that it speaks of, as a JSON list.", required=True),
        Column("attempt", "integer", "Number of the attempt, from 1.", required=True, minimum=1),
        Column("created_at", "timestamp", "When the message was made.", required=True),
        Column("started_at", "timestamp", "When the attempt began.", required=True),
        Column("seconds", "double", "How long it took.", required=True, minimum=0),
        Column("outcome", "string", "How it ended.", required=True, allowed=("delivered", "failed", "unknown")),
        Column("status", "integer", "The receiver's status, where it has one."),
        Column("error", "string", "What went wrong, without secrets."),
    ),
)

RUNTIME_TABLES = (METRIC_SAMPLES, ERROR_EVENTS, USAGE_EVENTS, ALERT_EVENTS, DELIVERIES)
