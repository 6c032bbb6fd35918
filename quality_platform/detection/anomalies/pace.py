"""How dense a series is: its rows a day, from the instants of its first rows.

Everything that people mean in days (a season, how often they want to hear of a series) is counted in rows by it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SECONDS_PER_DAY = 86_400.0
# Below this, instants are the numbers of rows, and a row is taken for an hour, the grain of most metrics.
FIRST_INSTANT = 1e8
ROWS_PER_DAY_UNKNOWN = 24.0
LEARNT_FROM = 24
"""Rows after which the pace is known for good."""


def rows_per_day(times: Sequence[float]) -> float:
    """By the median distance of `times`, in seconds; of plain row numbers, and of equal instants, 24."""
    apart = np.diff(np.asarray(times, dtype=np.float64))
    apart = apart[apart > 0]
    if not len(apart) or times[-1] < FIRST_INSTANT:
        return ROWS_PER_DAY_UNKNOWN
    return float(SECONDS_PER_DAY / np.median(apart))
