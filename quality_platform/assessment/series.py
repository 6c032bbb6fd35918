"""Series out of `marts.fct_observations`, as arrays in order of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from quality_platform.model.alerts import Series
from quality_platform.warehouse.lake import Lake

# A month of five-minute samples is 8,640 points; the newest 1,000 hold every step and drift that is news.
NEWEST_POINTS = 1000


@dataclass(frozen=True, slots=True)
class Observed:
    """A series with its newest points: instants in seconds since 1970 and values, both float64, shape (n,)."""

    series: Series
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    last_batch: str | None

    def instant(self, index: int) -> datetime:
        """The instant of point `index`."""
        from quality_platform.model.time import from_epoch

        return from_epoch(float(self.times[index]))


def observed(lake: Lake, *, newest: int = NEWEST_POINTS) -> Iterator[Observed]:
    """Every series, by metric and project; commits of one instant stand in the order of history."""
    rows = lake.read(
        """
        SELECT metric, project, subject, labels,
               list(epoch(observed_at) ORDER BY observed_at) AS times,
               list(value ORDER BY observed_at) AS "values",
               arg_max(batch_id, observed_at) AS last_batch
        FROM (
            SELECT * FROM marts.fct_observations
            QUALIFY row_number() OVER (
                PARTITION BY metric, project, subject, labels ORDER BY observed_at DESC
            ) <= ?
        )
        GROUP BY ALL ORDER BY ALL
        """,
        [newest],
    )
    for index in range(rows.num_rows):
        row = rows.slice(index, 1)
        key = Series(*(row.column(name)[0].as_py() for name in ("metric", "project", "subject", "labels")))
        times = row.column("times")[0].values.to_numpy(zero_copy_only=False)
        values = row.column("values")[0].values.to_numpy(zero_copy_only=False)
        yield Observed(key, times, values, row.column("last_batch")[0].as_py())
