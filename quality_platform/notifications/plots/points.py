"""The points of a plot as arrays: in order, thinned to what a picture can show, gaps kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality_platform.model.message import Plot
from quality_platform.model.time import as_utc

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SECONDS_PER_DAY = 86400.0
# Two points per pixel column of the widest picture; more would only be drawn over each other.
BUCKETS = 400
# Beyond this an axis with a margin no longer fits a double; no metric means such a value.
LARGEST = 1e200


def points(plot: Plot) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Days since 1970 and values, both of shape (n,), sorted by time; NaN is a gap.

    Above 1,600 points, each of 400 buckets keeps its first, lowest and highest point and one of its gaps, so
    that no spike and no outage disappears.
    """
    import numpy as np

    days = np.array([as_utc(moment).timestamp() for moment in plot.times], dtype=np.float64) / SECONDS_PER_DAY
    values = np.array(plot.values, dtype=np.float64)
    values[~(np.abs(values) < LARGEST)] = np.nan
    order = np.argsort(days, kind="stable")
    days, values = days[order], values[order]
    if len(days) > 4 * BUCKETS:
        kept = _thinned(values)
        days, values = days[kept], values[kept]
    return days, values


def _thinned(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Positions to keep, in order."""
    import numpy as np

    starts = np.linspace(0, len(values), BUCKETS, endpoint=False).astype(np.intp)
    width = int(np.diff(starts, append=len(values)).max())
    places = np.minimum(starts[:, None] + np.arange(width), np.append(starts[1:], len(values))[:, None] - 1)
    table = values[places]
    missing = np.isnan(table)
    columns = (
        np.where(missing, np.inf, table).argmin(axis=1),
        np.where(missing, -np.inf, table).argmax(axis=1),
        missing.argmax(axis=1),  # the first gap, or the first point where there is none
    )
    kept = [places[np.arange(BUCKETS), column] for column in columns]
    return np.unique(np.concatenate([*kept, [len(values) - 1]]))
