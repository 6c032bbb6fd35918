"""Exponential histograms as buckets with bounds.

Bucket `i` holds what is above base^i and at most base^(i+1), base = 2^(2^-scale); see the OpenTelemetry data model,
"ExponentialHistogram". The bounds of a coarser scale are among those of every finer one, so buckets are merged down to
scale 1 (a factor of 1.41 between bounds): exact counts, and the same bounds in every export, whatever scale the client
happens to be at.

Belongs here: the arithmetic. Does not belong here: samples (`points.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

SCALE = 1
SCALES = range(-10, 21)
"""What the data model allows."""

MOST_COUNTS = 4096
"""Buckets of one side that are read. Clients keep 160, and a byte is enough to send one."""

Bucket = tuple[float, int]


def readable(point: Any) -> bool:
    """Whether scale and number of buckets are within their limits."""
    sides = (point.positive, point.negative)
    return point.scale in SCALES and all(len(side.bucket_counts) <= MOST_COUNTS for side in sides)


def bounds_of(point: Any) -> list[Bucket]:
    """Upper bounds and counts, from the smallest bound to infinity."""
    negative = _merged(point.negative.bucket_counts, point.negative.offset, point.scale)
    positive = _merged(point.positive.bucket_counts, point.positive.offset, point.scale)
    scale = min(point.scale, SCALE)
    # what is below zero is at most the bound that is nearer to zero
    below = [(-_power(index, scale), count) for index, count in reversed(negative)]
    zero = [(point.zero_threshold, point.zero_count)] if point.zero_count or negative else []
    above = [(_power(index + 1, scale), count) for index, count in positive]
    return _joined([*below, *zero, *above, (math.inf, 0)])


def _merged(counts: Sequence[int], offset: int, scale: int) -> list[tuple[int, int]]:
    """Index at the coarser scale and count of every bucket that is not empty, in order."""
    shift = max(0, scale - SCALE)
    merged: dict[int, int] = {}
    for place, count in enumerate(counts):
        if count:
            index = (offset + place) >> shift
            merged[index] = merged.get(index, 0) + count
    return list(merged.items())


def _power(index: int, scale: int) -> float:
    """base^index; infinity where no double is as large."""
    try:
        return float(2.0 ** math.ldexp(index, -scale))
    except OverflowError:
        return math.inf


def _joined(buckets: Sequence[Bucket]) -> list[Bucket]:
    """Buckets whose bounds are the same number, at the ends of what a double can be, as one."""
    joined: dict[float, int] = {}
    for bound, count in buckets:
        joined[bound] = joined.get(bound, 0) + count
    return sorted(joined.items())
