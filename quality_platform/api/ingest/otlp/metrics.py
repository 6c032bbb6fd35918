"""OTLP metrics: `POST /v1/metrics`, one item for each sample that a point gives (`points.py` says which).

The subject is the resource's service, else its host, else the project. Labels are the point's attributes and those of
the resource that tell series apart.

Belongs here: from a request to rows, and what the client is told. Does not belong here: values of points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from quality_platform.api.ingest.contract import Checked, Decoded, Decoding, Group, Inbound, Refusal, held_back
from quality_platform.api.ingest.otlp import encoding, points
from quality_platform.api.ingest.otlp.attributes import Labels, bounded, labels_of, resource_of
from quality_platform.api.ingest.otlp.points import Fault, Sample
from quality_platform.api.ingest.rows import Row, event_time, sample_row, text
from quality_platform.model.tables_runtime import METRIC_SAMPLES
from quality_platform.spool.item import Entry

CATEGORY = "metric"
MAX_METRIC = 200
MOST_SAMPLES = 250_000
"""A collector's usual batch, 8,192 points, as histograms of the usual 16 buckets are 170,000."""

NO_NAME = Fault("invalid_metric", "name must have 1 to 200 characters.")

Found = list[Sample] | Fault


def check(inbound: Inbound) -> Checked:
    """Read every value now, because the answer says how many points cannot be stored."""
    request = encoding.parsed(ExportMetricsServiceRequest, inbound.body, inbound.media_type, CATEGORY)
    found, items, reasons = 0, 0, Counter[str]()
    for metric in _metrics(request):
        for _, samples in _samples(metric):
            found += 1
            items += _size(samples)
            if isinstance(samples, Fault) and samples.message:
                reasons[samples.message] += 1
        encoding.within(found, CATEGORY)
        encoding.within(items, CATEGORY, MOST_SAMPLES)
    answer = encoding.accepted(inbound, ExportMetricsServiceResponse, "rejected_data_points", reasons)
    return encoding.checked(inbound, request, answer, {CATEGORY: items} if items else {})


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """Rows of `raw.metric_samples`."""
    media_type = str(entry.meta.get("media_type", ""))
    request = encoding.parsed(ExportMetricsServiceRequest, entry.body, media_type, CATEGORY)
    reading = _Reading(entry)
    for resource in request.resource_metrics:
        reading.resource(resource.resource)
        for metric in _metrics_of(resource):
            reading.metric(metric)
    return reading.decoded()


def _metrics(request: Any) -> Iterator[Any]:
    for resource in request.resource_metrics:
        yield from _metrics_of(resource)


def _metrics_of(resource: Any) -> Iterator[Any]:
    for scope in resource.scope_metrics:
        yield from scope.metrics


def _size(found: Found) -> int:
    """Items of a point: its samples, or the one that it failed to be."""
    return len(found) if isinstance(found, list) else 1


def _samples(metric: Any) -> Iterator[tuple[Any, Found]]:
    """Each point of a metric with its samples, or with what is wrong."""
    kind = metric.WhichOneof("data")
    if kind is None:
        yield None, points.NOT_KNOWN
        return
    data = getattr(metric, kind)
    if not 0 < len(metric.name) <= MAX_METRIC:
        for point in data.data_points:
            yield point, NO_NAME
    elif kind in ("gauge", "sum"):
        yield from _numbers(data)
    else:
        read = points.reader_of(kind)
        for point in data.data_points:
            yield point, read(data, point)


def _numbers(data: Any) -> Iterator[tuple[Any, Found]]:
    kind = points.number_kind(data)
    for point in data.data_points:
        yield point, points.number(point, kind)


@dataclass(slots=True)
class _Reading:
    """One request on its way to rows."""

    entry: Entry
    received: int = 0
    rows: list[tuple[str, Row]] = field(default_factory=list)
    faults: Counter[tuple[str, Fault]] = field(default_factory=Counter)
    _subject: str = ""
    _labels: Labels = ()

    def resource(self, resource: Any) -> None:
        """The points that follow are of this one."""
        found = resource_of(resource)
        self._subject = found.service or self.entry.project
        self._labels = found.labels

    def metric(self, metric: Any) -> None:
        """Take the points of a metric."""
        for point, found in _samples(metric):
            self.received += _size(found)
            if isinstance(found, Fault):
                self.faults[metric.name, found] += 1
            else:
                self._point(metric.name, point, found)

    def _point(self, name: str, point: Any, samples: list[Sample]) -> None:
        time = event_time(point.time_unix_nano // 1000 or None, self.entry.received_at)
        # the point's own attributes last, because they count where both have one
        shared = bounded((*self._labels, *labels_of(point.attributes)))
        for suffix, extra, value, kind in samples:
            labels = shared if extra is None else {**shared, extra[0]: extra[1]}
            row = sample_row(name + suffix, self._subject, labels, time, value, kind)
            self.rows.append((METRIC_SAMPLES.name, row))

    def decoded(self) -> Decoded:
        """What the request held."""
        decoded = Decoded(Counter({CATEGORY: self.received}))
        if CATEGORY in held_back(self.entry):
            decoded.refused.append(Refusal(CATEGORY, "over_quota", "", quantity=self.received))
            return decoded
        decoded.groups.append(Group(CATEGORY, encoding.identity_of(self.entry), self.rows))
        for (name, fault), quantity in self.faults.items():
            original = text(name, MAX_METRIC)
            decoded.refused.append(
                Refusal(CATEGORY, fault.reason, fault.message, "metric", (original or "").encode(), quantity,
                        METRIC_SAMPLES.name)
            )  # fmt: skip
        return decoded
