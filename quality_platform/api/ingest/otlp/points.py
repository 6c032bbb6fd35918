"""Data points into samples, whatever the metric's type.

| point | samples |
|---|---|
| gauge; cumulative sum that may fall | `name`, gauge |
| cumulative sum that only rises | `name`, counter |
| sum of what came since the last (delta) | `name`, count |
| histogram, explicit or exponential | `name.count`, `name.sum`, `name.bucket` with label `le`, `name.min`, `name.max` |
| summary | `name` with label `quantile`, `name.count`, `name.sum` |

A bucket counts what is at most `le`, as in Prometheus, so leaving some out makes no other wrong.

Belongs here: values. Does not belong here: names, labels and times of rows (`metrics.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from quality_platform.api.ingest.otlp.exponential import bounds_of, readable

NO_VALUE = 1
"""Flag of a point that says that the series ended."""

DELTA = 1
MOST_BUCKETS = 64
GAUGE, COUNT, COUNTER = "gauge", "count", "counter"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a point cannot be stored. Without a message it is nobody's mistake."""

    reason: str
    message: str = ""


ENDED = Fault("no_value")
NOT_FINITE = Fault("invalid_value", "value must be a finite number.")
NOT_KNOWN = Fault("unsupported", "data must be gauge, sum, histogram, exponential histogram or summary.")
NO_NUMBER = Fault("invalid_value", "value must be given as asDouble or asInt.")
UNEVEN = Fault("invalid_buckets", "bucketCounts must have one entry more than explicitBounds, which must rise.")
TOO_WIDE = Fault("invalid_buckets", "scale must be -10 to 20, bucketCounts at most 4,096.")

Sample = tuple[str, tuple[str, str] | None, float, str]
"""Suffix of the name, a further label, value, kind."""

Read = Callable[[Any, Any], "list[Sample] | Fault"]


def reader_of(kind: str) -> Read:
    """The function that reads the points of a metric's type."""
    return _READERS[kind]


def number_kind(data: Any) -> str:
    """How to read the numbers of a gauge or sum."""
    if data.DESCRIPTOR.fields_by_name.get("is_monotonic") is None:
        return GAUGE
    return _rising(data) if data.is_monotonic or data.aggregation_temporality == DELTA else GAUGE


def number(point: Any, kind: str) -> list[Sample] | Fault:
    """The sample of a gauge's or sum's point."""
    form = point.WhichOneof("value")
    if form is None:
        return _ended(point) or NO_NUMBER
    value = point.as_double if form == "as_double" else float(point.as_int)
    return [("", None, value, kind)] if math.isfinite(value) else _ended(point) or NOT_FINITE


def _ended(point: Any) -> Fault | None:
    return ENDED if point.flags & NO_VALUE else None


def _rising(data: Any) -> str:
    return COUNT if data.aggregation_temporality == DELTA else COUNTER


def _histogram(data: Any, point: Any) -> list[Sample] | Fault:
    bounds, counts = list(point.explicit_bounds), list(point.bucket_counts)
    rising = all(lower < upper for lower, upper in pairwise([*bounds, math.inf]))
    if counts and (len(counts) != len(bounds) + 1 or not rising):
        return UNEVEN
    return _distribution(data, point, zip([*bounds, math.inf], counts, strict=False))


def _exponential(data: Any, point: Any) -> list[Sample] | Fault:
    return _distribution(data, point, bounds_of(point)) if readable(point) else TOO_WIDE


def _distribution(data: Any, point: Any, buckets: Any) -> list[Sample] | Fault:
    if point.flags & NO_VALUE:
        return ENDED
    kind = _rising(data)
    samples: list[Sample] = [(".count", None, float(point.count), kind)]
    if point.HasField("sum"):
        samples.append((".sum", None, point.sum, kind))
    samples += [(f".{name}", None, getattr(point, name), GAUGE) for name in ("min", "max") if point.HasField(name)]
    samples += [(".bucket", ("le", _bound(bound)), float(count), kind) for bound, count in _cumulative(buckets)]
    return samples if all(math.isfinite(sample[2]) for sample in samples) else NOT_FINITE


def _cumulative(buckets: Any) -> Iterator[tuple[float, int]]:
    """Counts of what is at most each bound, at most 64 of them, evenly picked, always with the last."""
    total, summed = 0, []
    for bound, count in buckets:
        total += count
        summed.append((bound, total))
    step = -(-len(summed) // MOST_BUCKETS)
    return iter(summed[::-1][:: step or 1][::-1])


def _bound(bound: float) -> str:
    return "+Inf" if bound == math.inf else f"{bound:.12g}"


def _summary(data: Any, point: Any) -> list[Sample] | Fault:
    if point.flags & NO_VALUE:
        return ENDED
    samples: list[Sample] = [
        (".count", None, float(point.count), COUNTER),
        (".sum", None, point.sum, COUNTER),
        # a quantile of nothing is no number
        *(("", ("quantile", _bound(each.quantile)), each.value, GAUGE)
          for each in point.quantile_values[:MOST_BUCKETS] if not math.isnan(each.value)),
    ]  # fmt: skip
    return samples if all(math.isfinite(sample[2]) for sample in samples) else NOT_FINITE


_READERS: dict[str, Read] = {
    "histogram": _histogram, "exponential_histogram": _exponential, "summary": _summary,
}  # fmt: skip
