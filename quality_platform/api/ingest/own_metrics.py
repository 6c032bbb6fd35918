"""Own JSON, metrics: `POST /api/v1/ingest/metrics`, one sample, a list, or one a line.

Belongs here: what a sample has, and its row. Does not belong here: bodies, answers (`own_items.py`).

Goal: 50,000 samples a second in batches of 1,000 on 2 cores. Checking takes 2 µs a sample, decoding 5.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Required

from pydantic import Field
from typing_extensions import TypedDict

from quality_platform.api.ingest.contract import Decoded, Decoding, Group
from quality_platform.api.ingest.own_items import Identifier, Items, Moment, door, read
from quality_platform.api.ingest.rows import event_time, sample_row
from quality_platform.model.tables_runtime import METRIC_SAMPLES
from quality_platform.spool.item import Entry


class MetricSample(TypedDict, total=False):
    """One value of one series at one instant."""

    metric: Required[Annotated[str, Field(min_length=1, max_length=200, description="A name of 1 to 200 characters.")]]
    value: Required[Annotated[float, Field(strict=True, allow_inf_nan=False, description="A finite number.")]]
    subject: Annotated[
        Identifier | None, Field(description="What was measured: a host, a worker, a service; else the project.")
    ]
    labels: Annotated[
        dict[str, str | int | float | bool | None] | None,
        Field(max_length=64, description="An object of at most 64 texts or numbers."),
    ]
    observed_at: Annotated[Moment | None, Field(description="ISO 8601 or a number since 1970; else now.")]
    kind: Annotated[
        Literal["gauge", "rate", "count", "counter"] | None,
        Field(description="One of gauge, rate, count (since the last sample) or counter (since its start)."),
    ]


SAMPLES = Items(
    category="metric",
    table=METRIC_SAMPLES.name,
    names=("metrics", "samples"),
    model=MetricSample,
    example={
        "metric": "queue.depth", "value": 3, "subject": "worker-1", "labels": {"queue": "mail"},
        "observed_at": "2026-01-01T00:00:00Z", "kind": "gauge",
    },
)  # fmt: skip


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """Rows of `raw.metric_samples`, which have no identity but the request's."""
    good, decoded = read(SAMPLES, entry)
    at = entry.received_at
    rows: list[tuple[str, tuple[Any, ...]]] = [
        (
            METRIC_SAMPLES.name,
            sample_row(
                item["metric"],
                str(item.get("subject") or entry.project),
                item.get("labels") or {},
                event_time(item.get("observed_at"), at),
                item["value"],
                item.get("kind") or "gauge",
            ),
        )
        for item in good
    ]
    identity = entry.meta.get("idempotency_key")
    if rows:
        decoded.groups.append(Group(SAMPLES.category, str(identity) if identity else None, rows))
    return decoded


DOOR = door(
    SAMPLES,
    decode,
    name="metrics",
    title="Own JSON, metrics",
    description="Samples of any metric, single, in lists or one a line, with an idempotency key.",
)
