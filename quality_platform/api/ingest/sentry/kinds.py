"""The kinds of items that an envelope may hold: category, decoder, and how many items of ours one of them is.

Belongs here: the table. Does not belong here: any decoder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from quality_platform.api.ingest.sentry import events, logs, reports, samples, sessions, spans
from quality_platform.api.ingest.sentry.envelope import Item
from quality_platform.api.ingest.sentry.part import Decode
from quality_platform.model.tables_live import REQUEST_SAMPLES, SESSIONS
from quality_platform.model.tables_runtime import ERROR_EVENTS, METRIC_SAMPLES


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of item. `marker` is a field that each of the things in it has once, by which they are counted without
    decoding; without a decoder the kind is counted and not kept."""

    category: str
    decode: Decode | None = None
    table: str = ERROR_EVENTS.name
    marker: bytes | None = None


REPORT = "client_report"
OTHER = Kind("other")

KINDS: Mapping[str, Kind] = {
    "event": Kind("error", events.decode),
    "transaction": Kind("transaction", spans.decode_transaction, REQUEST_SAMPLES.name),
    "span": Kind("span", spans.decode_spans, REQUEST_SAMPLES.name, b'"start_timestamp"'),
    "session": Kind("session", sessions.decode_update, SESSIONS.name),
    "sessions": Kind("session", sessions.decode_sums, SESSIONS.name, b'"started"'),
    "log": Kind("log", logs.decode, marker=b'"timestamp"'),
    "trace_metric": Kind("metric", samples.decode_metrics, METRIC_SAMPLES.name, b'"timestamp"'),
    "check_in": Kind("monitor", samples.decode_check_in, METRIC_SAMPLES.name),
    REPORT: Kind("other", reports.decode),
    **dict.fromkeys(
        (
            "attachment", "feedback", "form_data", "metric_buckets", "metric_meta", "nel", "profile", "profile_chunk",
            "raw_security", "replay_event", "replay_recording", "replay_video", "security", "statsd", "unreal_report",
            "user_report",
        ),
        OTHER,
    ),
}  # fmt: skip


def counted(item: Item, body: bytes) -> Mapping[str, int]:
    """Items of ours, by category, that decoding will find; near enough for a quota, for a hundredth of the time."""
    kind = KINDS.get(item.type, OTHER)
    if item.type == REPORT:
        return {}
    if item.type == "transaction":
        spans_in_it = body.count(b'"start_timestamp"', item.start, item.end) - 1
        return {"transaction": 1, "span": spans_in_it} if spans_in_it > 0 else {"transaction": 1}
    if kind.marker is None:
        return {kind.category: 1}
    return {kind.category: max(1, body.count(kind.marker, item.start, item.end))}
