"""Samples on their way into the lake, found and sorted by columns: 50,000 a second may pass, few of which matter.

Belongs here: choosing what rules speak of, and grouping it by series. Does not belong here: judging (`live.py`).
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pyarrow as pa
import pyarrow.compute as pc

from quality_platform.alerting.conditions.observations import Fresh
from quality_platform.alerting.conditions.relations import IDENTITY
from quality_platform.model.alerts import Sample, Series
from quality_platform.model.batch import Batch
from quality_platform.model.tables_runtime import METRIC_SAMPLES

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOST_AHEAD = 100_000

_COLUMNS = ("metric", "subject", "labels", "observed_at", "value")
Arrival = tuple[Series, Sample, str]
"""A sample of a series and the batch that brought it."""


def chosen(batches: Iterable[Batch], metrics: pa.Array) -> pa.Table | None:
    """Samples of `metrics` in these batches, with their project and batch; None when there are none."""
    found = []
    for batch in batches:
        samples = batch.tables.get(METRIC_SAMPLES.name)
        if samples is None or not samples.num_rows:
            continue
        wanted = pc.and_(pc.is_in(samples.column("metric"), metrics), pc.not_equal(samples.column("kind"), "counter"))
        kept = samples.filter(wanted).select(_COLUMNS)
        if kept.num_rows:
            for name, value in (("project", batch.source.project), ("batch_id", batch.batch_id)):
                kept = kept.append_column(name, pa.repeat(pa.scalar(value), kept.num_rows))
            found.append(kept)
    return pa.concat_tables(found) if found else None


def arrivals(samples: pa.Table) -> Iterator[Arrival]:
    """The rows of a table that `chosen` made."""
    # instants as numbers: Arrow's own way to Python imports pandas, which takes half a second
    instants = samples.column("observed_at").cast(pa.int64()).to_pylist()
    columns = [samples.column(name).to_pylist() for name in (*IDENTITY, "value", "batch_id")]
    for at, metric, project, subject, labels, value, batch in zip(instants, *columns, strict=True):
        yield Series(metric, project, subject, labels), Sample(EPOCH + at * MICROSECOND, value), batch


def by_series(arrived: Iterable[Arrival]) -> dict[Series, list[tuple[Sample, str]]]:
    """Samples with their batches, by series."""
    found: dict[Series, list[tuple[Sample, str]]] = {}
    for series, sample, batch in arrived:
        found.setdefault(series, []).append((sample, batch))
    return found


def joined(series: Series, company: Sequence[Sample], arrived: Collection[tuple[Sample, str]]) -> Fresh:
    """What came, after those that keep it company, by time."""
    if len(arrived) == 1:
        ((sample, batch),) = arrived
        # the usual case, a thousand times a second
        if not company or sample.observed_at > company[-1].observed_at:
            return Fresh(series, (*company, sample), {sample.observed_at: batch})
    samples = sorted([*company, *(sample for sample, _ in arrived)], key=lambda each: each.observed_at)
    return Fresh(series, tuple(samples), {sample.observed_at: batch for sample, batch in arrived})


class Ahead:
    """Samples whose time has not come: once judged, an instant in the future would hide all before it."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Arrival]] = []
        self._order = count()

    def sieve(self, arrived: Iterable[Arrival], now: datetime) -> Iterator[Arrival]:
        """Those of `arrived` whose time has come, and those that have waited long enough."""
        for each in arrived:
            at = each[1].observed_at
            if at <= now:
                yield each
            elif len(self._waiting) < MOST_AHEAD:
                heapq.heappush(self._waiting, (at, next(self._order), each))
        while self._waiting and self._waiting[0][0] <= now:
            yield heapq.heappop(self._waiting)[2]

    def __bool__(self) -> bool:
        return bool(self._waiting)
