"""The arithmetic of a change, which detection, rules and reports must do alike.

Belongs here: how large a change is and whether it is for the worse. Does not belong here: finding changes
(`detection/`) or deciding about them (`rules/`).
"""

from __future__ import annotations

import math

from quality_platform.model.metric import Direction

# A level this much smaller than the other one is zero with rounding noise on it, not a base to divide by.
NEGLIGIBLE = 1e-9


def percent_change(before: float, after: float) -> float:
    """`after` against `before`, in per cent of the size of `before`, with the sign of `after - before`.

    Per cent of zero is undefined: leaving zero counts as 100 per cent, so that a first finding is a change
    like any other and the result is finite.
    """
    if abs(before) <= NEGLIGIBLE * abs(after):
        return math.copysign(100.0, after) if after else 0.0
    return (after - before) / abs(before) * 100.0


def worsening(direction: Direction, percent: float) -> float:
    """`percent` as seen by the metric: positive for the worse, negative for the better, 0 when neutral."""
    if direction == "lower_is_better":
        return percent
    return -percent if direction == "higher_is_better" else 0.0
