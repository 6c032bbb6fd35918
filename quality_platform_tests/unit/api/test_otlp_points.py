"""Which samples each type of metric gives, and which points are refused."""

from __future__ import annotations

import bisect
import math
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb

from quality_platform.api.ingest.otlp import points
from quality_platform.api.ingest.otlp.exponential import bounds_of, readable

NAN, INFINITY = math.nan, math.inf


def read(kind: str, data: Any, point: Any) -> object:
    return points.reader_of(kind)(data, point)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (pb.Gauge(), "gauge"),
        (pb.Sum(is_monotonic=True, aggregation_temporality=2), "counter"),
        (pb.Sum(is_monotonic=True, aggregation_temporality=1), "count"),
        (pb.Sum(is_monotonic=True), "counter"),
        (pb.Sum(is_monotonic=False, aggregation_temporality=2), "gauge"),
        (pb.Sum(is_monotonic=False, aggregation_temporality=1), "count"),
    ],
)
def test_kinds_of_numbers(data: Any, kind: str) -> None:
    assert points.number_kind(data) == kind


@pytest.mark.parametrize(
    ("point", "found"),
    [
        (pb.NumberDataPoint(as_double=1.5), [("", None, 1.5, "gauge")]),
        (pb.NumberDataPoint(as_double=0.0), [("", None, 0.0, "gauge")]),
        (pb.NumberDataPoint(as_int=-(2**63)), [("", None, -(2.0**63), "gauge")]),
        (pb.NumberDataPoint(as_double=NAN), points.NOT_FINITE),
        (pb.NumberDataPoint(as_double=INFINITY), points.NOT_FINITE),
        (pb.NumberDataPoint(as_double=NAN, flags=1), points.ENDED),
        (pb.NumberDataPoint(flags=1), points.ENDED),
        (pb.NumberDataPoint(), points.NO_NUMBER),
    ],
)
def test_numbers(point: Any, found: object) -> None:
    assert points.number(point, "gauge") == found


HISTOGRAM = pb.HistogramDataPoint(count=6, sum=9.5, min=0.5, max=4, bucket_counts=[1, 2, 3], explicit_bounds=[1, 2.5])


@pytest.mark.parametrize(("temporality", "kind"), [(1, "count"), (2, "counter")])
def test_a_histogram_counts_what_is_at_most_each_bound(temporality: int, kind: str) -> None:
    assert read("histogram", pb.Histogram(aggregation_temporality=temporality), HISTOGRAM) == [
        (".count", None, 6.0, kind),
        (".sum", None, 9.5, kind),
        (".min", None, 0.5, "gauge"),
        (".max", None, 4.0, "gauge"),
        (".bucket", ("le", "1"), 1.0, kind),
        (".bucket", ("le", "2.5"), 3.0, kind),
        (".bucket", ("le", "+Inf"), 6.0, kind),
    ]


def test_a_histogram_may_have_no_buckets() -> None:
    point = pb.HistogramDataPoint(count=2, sum=3)
    assert read("histogram", pb.Histogram(), point) == [
        (".count", None, 2.0, "counter"),
        (".sum", None, 3.0, "counter"),
    ]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"bucket_counts": [1, 2], "explicit_bounds": [1, 2]}, points.UNEVEN),
        ({"bucket_counts": [1, 2, 3], "explicit_bounds": [2, 1]}, points.UNEVEN),
        ({"bucket_counts": [1, 2, 3], "explicit_bounds": [1, 1]}, points.UNEVEN),
        ({"bucket_counts": [1, 2], "explicit_bounds": [NAN]}, points.UNEVEN),
        ({"sum": NAN}, points.NOT_FINITE),
        ({"flags": 1}, points.ENDED),
    ],
)
def test_histograms_that_are_refused(fields: dict[str, Any], fault: points.Fault) -> None:
    assert read("histogram", pb.Histogram(), pb.HistogramDataPoint(**fields)) == fault


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=500))
def test_buckets_beyond_64_are_left_out_and_the_others_stay_right(counts: list[int]) -> None:
    bounds = [float(n) for n in range(len(counts) - 1)]
    point = pb.HistogramDataPoint(count=sum(counts), bucket_counts=counts, explicit_bounds=bounds)

    samples = read("histogram", pb.Histogram(), point)

    buckets = [(label[1], value) for suffix, label, value, _ in samples if suffix == ".bucket"]
    expected = dict(zip([*(f"{bound:.12g}" for bound in bounds), "+Inf"], accumulate(counts), strict=True))
    assert len(buckets) <= 64
    assert buckets[-1] == ("+Inf", sum(counts))
    assert all(expected[bound] == value for bound, value in buckets)


def test_a_summary_gives_quantiles_and_leaves_out_those_of_nothing() -> None:
    quantiles = [{"quantile": 0.5, "value": 3}, {"quantile": 0.99, "value": NAN}]
    point = pb.SummaryDataPoint(count=4, sum=12, quantile_values=quantiles)
    assert read("summary", pb.Summary(), point) == [
        (".count", None, 4.0, "counter"),
        (".sum", None, 12.0, "counter"),
        ("", ("quantile", "0.5"), 3.0, "gauge"),
    ]


def exponential(values: list[float], scale: int) -> Any:
    """An exponential histogram, made by looking for each value's bucket."""
    sides: dict[str, dict[int, int]] = {"positive": {}, "negative": {}}
    for value in values:
        if value:
            side = sides["positive" if value > 0 else "negative"]
            # base^index < |value| <= base^(index+1), as the data model has it
            index = math.ceil(math.log2(abs(value)) * 2.0**scale) - 1
            side[index] = side.get(index, 0) + 1
    fields: dict[str, Any] = {"scale": scale, "count": len(values), "zero_count": sum(not value for value in values)}
    for name, side in sides.items():
        if side:
            low, high = min(side), max(side)
            fields[name] = {"offset": low, "bucket_counts": [side.get(index, 0) for index in range(low, high + 1)]}
    return pb.ExponentialHistogramDataPoint(**fields)


@given(
    st.lists(st.sampled_from([3.0, 0.07, 1.5, 41.0, 700.0, 0.9, 5.5, 0.0, -3.3, -0.6, -90.0]), max_size=30),
    st.integers(-3, 8),
)
def test_an_exponential_histogram_counts_what_is_at_most_each_bound(values: list[float], scale: int) -> None:
    point = exponential(values, scale)
    assume(readable(point))

    buckets = bounds_of(point)

    bounds = [bound for bound, _ in buckets]
    ordered = sorted(values)
    assert bounds == sorted(set(bounds))
    assert bounds[-1] == INFINITY
    for bound, count in zip(bounds, accumulate(count for _, count in buckets), strict=True):
        # no value of the list lies on a bound, so rounding cannot matter
        assert count == bisect.bisect_right(ordered, bound)


@pytest.mark.parametrize("scale", [0, 1, 5, 10])
def test_bounds_are_the_same_whatever_the_scale(scale: int) -> None:
    bounds = {bound for bound, _ in bounds_of(exponential([3.0, 70.0], scale))}
    assert bounds <= {2.0 ** (n / 2) for n in range(20)} | {INFINITY}


@pytest.mark.parametrize(
    "fields",
    [
        {"scale": 21},
        {"scale": -11},
        {"scale": 2**31 - 1},
        {"positive": {"bucket_counts": [0] * 5000}},
        {"negative": {"bucket_counts": [0] * 5000}},
    ],
)
def test_exponential_histograms_that_are_refused(fields: dict[str, Any]) -> None:
    point = pb.ExponentialHistogramDataPoint(**fields)
    assert read("exponential_histogram", pb.ExponentialHistogram(), point) == points.TOO_WIDE


@pytest.mark.parametrize("offset", [-(2**31), 2**31 - 1, 2**20])
@pytest.mark.parametrize("scale", [-10, 0, 20])
def test_buckets_at_the_ends_of_what_a_double_can_be(offset: int, scale: int) -> None:
    side = {"offset": offset, "bucket_counts": [1, 1]}
    point = pb.ExponentialHistogramDataPoint(scale=scale, count=4, positive=side, negative=side)
    assert sum(count for _, count in bounds_of(point)) == 4
