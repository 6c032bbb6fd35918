"""Own JSON, metrics: `POST /api/v1/ingest/metrics`, one sample, a list, or one a line.

A sample: `{"metric": "queue.depth", "value": 3, "subject": "worker-1", "labels": {"queue": "mail"},
"observed_at": "2026-01-01T00:00:00Z", "kind": "gauge"}`. Only `metric` and `value` are required.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from quality_platform.api.ingest import answers, keys
from quality_platform.api.ingest.contract import Checked, Decoded, Decoding, Door, Group, Inbound, Refusal
from quality_platform.api.ingest.own_items import items_of, refusal_of, respond
from quality_platform.api.ingest.rows import Row, event_time, sample_row
from quality_platform.collectors.instants import parse_instant
from quality_platform.model.tables_runtime import METRIC_SAMPLES
from quality_platform.spool.item import Entry

KINDS = ("gauge", "rate", "count", "counter")
CATEGORY = "metric"


def sample(item: Any, *, project: str, received_at: int) -> Row | Refusal:
    """The row of one sample, or why there is none."""
    fault = _fault(item)
    if fault is not None:
        return refusal_of(item, CATEGORY, METRIC_SAMPLES.name, *fault)
    subject = str(item.get("subject") or project)[:500]
    time = event_time(parse_instant(item.get("observed_at")), received_at)
    labels = item.get("labels") or {}
    return sample_row(item["metric"], subject, labels, time, float(item["value"]), item.get("kind") or "gauge")


def _fault(item: Any) -> tuple[str | None, str] | None:
    """The field that is wrong, and what it must be."""
    if not isinstance(item, dict):
        return None, 'A sample is an object: {"metric": "queue.depth", "value": 3}.'
    for name, rule in _RULES.items():
        if not rule.holds(item.get(name)):
            return name, f"{name} must be {rule.wanted}."
    return None


@dataclass(frozen=True, slots=True)
class _Rule:
    holds: Callable[[Any], bool]
    wanted: str


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


_RULES = {
    "metric": _Rule(lambda v: isinstance(v, str) and 0 < len(v) <= 200, "a name of 1 to 200 characters"),
    "value": _Rule(_is_number, "a finite number"),
    "kind": _Rule(lambda v: v is None or v in KINDS, f"one of {', '.join(KINDS)}"),
    "labels": _Rule(lambda v: v is None or (isinstance(v, dict) and len(v) <= 64), "an object of at most 64 texts"),
    "observed_at": _Rule(lambda v: v is None or parse_instant(v) is not None, "ISO 8601 or seconds since 1970"),
}


def check(inbound: Inbound) -> Checked:
    """Judge every sample now, so that the sender learns which were refused and why."""
    items = items_of(inbound.body, inbound.media_type, ("metrics", "samples"))
    judged = [sample(item, project="", received_at=inbound.received_at) for item in items]
    return respond(inbound, items, judged, CATEGORY)


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """Rows of `raw.metric_samples`."""
    items = items_of(entry.body, str(entry.meta.get("media_type", "")), ("metrics", "samples"))
    decoded = Decoded(Counter({CATEGORY: len(items)}))
    rows = []
    for item in items:
        judged = sample(item, project=entry.project, received_at=entry.received_at)
        if isinstance(judged, Refusal):
            decoded.refused.append(judged)
        else:
            rows.append((METRIC_SAMPLES.name, judged))
    identity = entry.meta.get("idempotency_key")
    decoded.groups.append(Group(CATEGORY, str(identity) if identity else None, rows))
    return decoded


DOOR = Door(
    name="metrics",
    title="Own JSON, metrics",
    description="Samples of any metric, single, in lists or one a line, with an idempotency key.",
    paths=("/api/v1/ingest/metrics",),
    key=keys.from_header,
    check=check,
    decode=decode,
    tables=(METRIC_SAMPLES.name,),
    refused=answers.refused_as_json,
    cross_origin=True,
)
