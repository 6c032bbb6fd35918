"""Client reports: what a client says it threw away itself. They are no items; they end in the ledger as lost.

Belongs here: the report, and Sentry's names of categories. Does not belong here: limits that make clients throw
things away (`limits.py`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from quality_platform.api.ingest.contract import Decoded, Loss
from quality_platform.api.ingest.rows import text
from quality_platform.api.ingest.sentry.fields import a_list, an_object, some_text, whole
from quality_platform.api.ingest.sentry.part import Part

LISTS = ("discarded_events", "rate_limited_events", "filtered_events", "filtered_sampling_events")
MOST_ENTRIES = 1000
_MOST = 2**31
_CATEGORIES = {
    "error": "error", "default": "error", "crash": "error", "transaction": "transaction",
    "transaction_indexed": "transaction", "span": "span", "span_indexed": "span", "session": "session",
    "log_item": "log", "trace_metric": "metric", "metric_bucket": "metric", "statsd": "metric", "monitor": "monitor",
    "check_in": "monitor",
}  # fmt: skip
_IN_BYTES = ("attachment",)


def decode(part: Part) -> Decoded:
    """The losses. Clients count a transaction among its own spans; here it is no span."""
    at = part.time(part.payload.get("timestamp"))
    counts: Counter[tuple[str, str]] = Counter()
    for entry in _entries(part.payload):
        _count(entry, counts)
    for (category, reason), quantity in list(counts.items()):
        if category == "transaction":
            counts["span", reason] -= quantity
    return Decoded(
        lost=[Loss(category, reason, n, at, part.client) for (category, reason), n in counts.items() if n > 0]
    )


def _entries(report: dict[str, Any]) -> list[dict[str, Any]]:
    found = [an_object(entry) for key in LISTS for entry in a_list(report.get(key))[:MOST_ENTRIES]]
    # the oldest form: the report itself is the entry
    return found if any(key in report for key in LISTS) else [report]


def _count(entry: dict[str, Any], counts: Counter[tuple[str, str]]) -> None:
    sent = some_text(entry.get("category")) or ""
    quantity = whole(entry.get("quantity"))
    if not quantity or quantity >= _MOST or sent.endswith("_byte"):  # bytes of what is counted by item too
        return
    reason = text(entry.get("reason"), 200) or "unknown"
    counts[_CATEGORIES.get(sent, "other"), reason] += 1 if sent in _IN_BYTES else quantity
