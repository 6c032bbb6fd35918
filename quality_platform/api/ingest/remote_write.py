"""Prometheus remote write 1.0: `POST /api/v1/write`, one item for each sample, native histogram and stale marker.

The subject is the label `instance`, else `job`, else the project. Names that end as counters by Prometheus' convention
(`_total`, `_count`, `_sum`, `_bucket`) are counters, all others gauges: this version of the protocol does not say.

Prometheus repeats a request byte by byte until it is told 2xx or 4xx, so the hash of the bytes is the identity.

Belongs here: the protocol. Does not belong here: snappy (`body.py`), scraping (`collectors/scrape/`).
"""

from __future__ import annotations

import hashlib
import math
import re
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import DecodeError

from quality_platform.api.ingest import answers, keys
from quality_platform.api.ingest.contract import (
    Answer,
    Checked,
    Decoded,
    Decoding,
    Door,
    Group,
    Inbound,
    Refusal,
    RefusedError,
    held_back,
)
from quality_platform.api.ingest.protobuf import message_classes
from quality_platform.api.ingest.rows import Row, event_time, sample_row
from quality_platform.model.tables_runtime import METRIC_SAMPLES
from quality_platform.spool.item import Entry

CATEGORY = "metric"
MAX_METRIC = 200
MOST_SAMPLES = 50_000
"""Prometheus sends 2,000 at a time."""

COUNTERS = ("_total", "_count", "_sum", "_bucket")
STALE = struct.pack("<Q", 0x7FF0000000000002)
"""The bits of the one NaN that says that a series ended."""

WriteRequest = message_classes(
    "quality.prometheus",
    {
        "WriteRequest": {"timeseries": (1, "repeated TimeSeries")},
        "TimeSeries": {
            "labels": (1, "repeated Label"),
            "samples": (2, "repeated Sample"),
            "histograms": (4, "repeated bytes"),
        },
        "Label": {"name": (1, "string"), "value": (2, "string")},
        "Sample": {"value": (1, "double"), "timestamp": (2, "int64")},
    },
)["WriteRequest"]

# an address tells two machines apart and nothing about a person; scrubbed, all of one network would be one series
_ADDRESS = re.compile(r"[\w.-]{1,253}(?::\d{1,5})?|\[[0-9a-fA-F:.]{2,45}\](?::\d{1,5})?")


def check(inbound: Inbound) -> Checked:
    """Count the samples."""
    if "proto=io.prometheus.write.v2" in inbound.headers.get("content-type", "").replace(" ", ""):
        raise RefusedError(415, "version", "Send remote write 1.0: protobuf_message prometheus.WriteRequest.")
    found = sum(len(series.samples) + len(series.histograms) for series in _parsed(inbound.body).timeseries)
    if found > MOST_SAMPLES:
        message = f"The request holds more than {MOST_SAMPLES:,} samples; lower max_samples_per_send."
        raise RefusedError(413, "too_many", message, items={CATEGORY: found})
    return Checked(Answer(204, b""), {CATEGORY: found} if found else {})


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """Rows of `raw.metric_samples`."""
    received, faults, rows = 0, Counter[tuple[str, str]](), list[tuple[str, Row]]()
    for series in _parsed(entry.body).timeseries:
        received += len(series.samples) + len(series.histograms)
        if series.histograms:
            faults["native_histogram", "Native histograms are not stored; expose classic ones."] += len(
                series.histograms
            )
        labels = {label.name: label.value for label in series.labels}
        name = labels.pop("__name__", "")
        if not 0 < len(name) <= MAX_METRIC:
            faults["invalid_metric", "__name__ must have 1 to 200 characters."] += len(series.samples)
            continue
        for fault in _rows(entry, name, labels, series.samples, rows):
            faults[fault, ""] += 1
    return _decoded(entry, received, faults, rows)


def _rows(entry: Entry, name: str, labels: dict[str, str], samples: Any, rows: list[tuple[str, Row]]) -> Iterator[str]:
    """Append the rows of a series; what is left out is yielded as its reason."""
    label = next((label for label in ("instance", "job") if labels.get(label)), "")
    subject = labels.pop(label, entry.project)[:500]
    kind = "counter" if name.endswith(COUNTERS) else "gauge"
    known: Row | None = None
    for sample in samples:
        value = sample.value
        if not math.isfinite(value):
            yield "stale" if struct.pack("<d", value) == STALE else "not_finite"
            continue
        time = event_time(sample.timestamp * 1000 or None, entry.received_at)
        if known is None:
            known = sample_row(name, subject, labels, time, value, kind)
            if _ADDRESS.fullmatch(subject):
                known = (known[0], subject, *known[2:])
        rows.append((METRIC_SAMPLES.name, (*known[:3], time, value, kind)))


def _decoded(entry: Entry, received: int, faults: Counter[tuple[str, str]], rows: list[tuple[str, Row]]) -> Decoded:
    decoded = Decoded(Counter({CATEGORY: received}))
    if CATEGORY in held_back(entry):
        decoded.refused.append(Refusal(CATEGORY, "over_quota", "", quantity=received))
        return decoded
    decoded.groups.append(Group(CATEGORY, hashlib.blake2b(entry.body, digest_size=16).hexdigest(), rows))
    decoded.refused += [
        Refusal(CATEGORY, reason, message, quantity=quantity, table=METRIC_SAMPLES.name)
        for (reason, message), quantity in faults.items()
        if quantity
    ]
    return decoded


def _parsed(body: bytes) -> Any:
    try:
        return WriteRequest.FromString(body)
    except DecodeError as error:
        # Prometheus gives a batch up at 4xx, which is right: it will never be readable
        message = "The body is no prometheus.WriteRequest in protobuf, compressed by snappy."
        raise RefusedError(400, "undecodable", message, items={CATEGORY: 1}) from error


DOOR = Door(
    name="remote_write",
    title="Prometheus remote write",
    description="Samples that a Prometheus, or an agent that speaks its protocol, sends on.",
    paths=("/api/v1/write",),
    key=keys.from_header,
    check=check,
    decode=decode,
    tables=(METRIC_SAMPLES.name,),
    refused=answers.refused_as_json,
)
