"""Series out of `marts.fct_observations` as arrays, those alone that have something new since they were judged.

Belongs here: which series, and reading them. Does not belong here: what is found in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quality_platform.model.alerts import Series
from quality_platform.warehouse.lake import Lake

# A week by five minutes, twelve by the hour: what a detector of anomalies has to have seen of seasons.
NEWEST_POINTS = 2_016
# Of them, the newest hold every step and drift that is news.
JUDGED_POINTS = 1_000
AT_ONCE = 2_500
"""Series read in one go: of 2,016 points each they take 80 MB."""
ENGINE = "3"
"""Raised when the detectors change: every series is then judged anew."""

KEY = ("metric", "project", "subject", "labels")


@dataclass(frozen=True, slots=True)
class Observed:
    """A series with its newest points: instants in seconds since 1970 and values, both float64, shape (n,).

    `judged_to` is the newest instant judged before, in seconds, by these detectors; -inf when there is none.
    """

    series: Series
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    last_batch: str | None
    judged_to: float = -np.inf

    def newest(self, points: int) -> Observed:
        """The series as if it began with the newest `points`."""
        return replace(self, times=self.times[-points:], values=self.values[-points:])

    def instant(self, index: int) -> datetime:
        """The instant of point `index`."""
        from quality_platform.model.time import from_epoch

        return from_epoch(float(self.times[index]))


def pending(lake: Lake) -> pa.Table:
    """Series that have changed since they were judged, or are gone (`points` 0): key, points, `judged_to` and
    `judged_before`, the newest instant that the same detectors have judged, null if none; `fingerprint`."""
    return lake.read(_PENDING, [ENGINE])


def observed(lake: Lake, series: pa.Table, *, newest: int = NEWEST_POINTS) -> Iterator[Observed]:
    """The newest points of `series` (rows of `pending`); commits of one instant stand in the order of history."""
    present = series.filter(pa.compute.greater(series.column("points"), 0))
    for start in range(0, present.num_rows, AT_ONCE):
        yield from _read(lake, present.slice(start, AT_ONCE), newest)


def _read(lake: Lake, series: pa.Table, newest: int) -> Iterator[Observed]:
    with lake.connect() as connection:
        connection.register("wanted", series)
        rows = connection.execute(_OBSERVED, [newest]).to_arrow_table()
    keys = zip(*(rows.column(name).to_pylist() for name in KEY), strict=True)
    batches, before = rows.column("last_batch").to_pylist(), rows.column("judged_before").to_pylist()
    for index, (key, times, values) in enumerate(zip(keys, rows.column("times"), rows.column("values"), strict=True)):
        judged_to = -np.inf if before[index] is None else before[index]
        yield Observed(Series(*key), _array(times), _array(values), batches[index], judged_to)


def _array(cell: pa.ListScalar) -> NDArray[np.float64]:
    found: NDArray[np.float64] = cell.values.to_numpy(zero_copy_only=False)
    return found


# the fingerprint sees a value that was corrected in the past; half of the hash, since there are no unsigned columns
_PENDING = """
WITH present AS (
    SELECT metric, project, subject, labels, count(*) AS points, max(observed_at) AS judged_to,
           (bit_xor(hash(observed_at, value)) >> 1)::BIGINT AS fingerprint
    FROM marts.fct_observations
    GROUP BY ALL
)
SELECT metric, project, subject, labels, coalesce(p.points, 0)::BIGINT AS points, p.judged_to, p.fingerprint,
       CASE WHEN j.engine = $1 THEN j.judged_to END AS judged_before
FROM present p FULL JOIN marts.series_judged j USING (metric, project, subject, labels)
WHERE (p.points, p.judged_to, p.fingerprint, $1) IS DISTINCT FROM (j.points, j.judged_to, j.fingerprint, j.engine)
ORDER BY ALL
"""
_OBSERVED = """
SELECT metric, project, subject, labels,
       list(epoch(observed_at) ORDER BY observed_at) AS times,
       list(value ORDER BY observed_at) AS "values",
       arg_max(batch_id, observed_at) AS last_batch,
       epoch(any_value(judged_before)) AS judged_before
FROM (
    SELECT f.*, w.judged_before
    FROM marts.fct_observations f JOIN wanted w USING (metric, project, subject, labels)
    QUALIFY row_number() OVER (PARTITION BY metric, project, subject, labels ORDER BY observed_at DESC) <= ?
)
GROUP BY ALL ORDER BY ALL
"""
