"""How much of a project's slow time a call or a resource explains: one number to rank them by, between 0 and 1.

Does not belong here: reading them, words about them (`assessment/bottlenecks.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# What slow requests' time consists of says most; where time goes at all a busy route has without being slow.
TAIL, TIME, TOGETHER = 0.5, 0.3, 0.2
# Use of a resource at which waiting for it begins to count; at 1 it counts in full. Queues grow like 1 / (1 - use).
FREE, FULL = 0.6, 1.0
# A full resource that does not go with slow times explains little: memory that is used for caches is always full.
ALONE = 0.4
# A correlation with a larger p-value than this counts as none.
LEVEL = 0.01


def call_scores(share_of_time: Floats, share_of_tail: Floats, correlation: Floats, p_value: Floats) -> Floats:
    """Scores of routes and calls from their shares of all time and of the time above the p95 of all requests.

    All float64 of shape (n,); `correlation` with the requests' p95 may be NaN.
    """
    together = _together(correlation, p_value)
    found: Floats = TAIL * np.clip(share_of_tail, 0, 1) + TIME * np.clip(share_of_time, 0, 1) + TOGETHER * together
    return found


def resource_scores(use_when_slow: Floats, correlation: Floats, p_value: Floats) -> Floats:
    """Scores of resources from their use, as a share, in the slowest times. All float64 of shape (n,)."""
    full = np.clip((np.nan_to_num(use_when_slow) - FREE) / (FULL - FREE), 0, 1)
    found: Floats = full * (ALONE + (1 - ALONE) * _together(correlation, p_value))
    return found


def _together(correlation: Floats, p_value: Floats) -> Floats:
    counts = np.nan_to_num(p_value, nan=1.0) <= LEVEL
    return np.where(counts, np.clip(np.nan_to_num(correlation), 0, 1), 0.0)
