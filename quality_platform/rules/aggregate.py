"""What of a window's values is compared with a threshold.

Does not belong here: which values are in the window (`threshold.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from quality_platform.model.rules_of_values import Aggregate


def aggregated(kind: Aggregate, values: Sequence[float]) -> float:
    """The aggregate of numbers, infinite ones among them; NaN of none, but for their count."""
    if kind == "count":
        return float(len(values))
    if not values:
        return math.nan
    if kind == "avg":
        # not fmean, which refuses infinities of both signs
        return sum(values) / len(values)
    return float(_PICK[kind](values))


def _last(values: Sequence[float]) -> float:
    return values[-1]


_PICK: Mapping[str, Callable[[Sequence[float]], float]] = {
    "last": _last, "min": min, "max": max, "median": median, "sum": sum,
}  # fmt: skip
