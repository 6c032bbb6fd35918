"""How long a request took, in milliseconds, from what a log says and the unit that it means.

Belongs here: units. Does not belong here: where the number stands (`text_line.py`, `json_line.py`).
"""

from __future__ import annotations

import math
import re

from quality_platform.model.live_sources import DurationUnit

MILLISECONDS = {"seconds": 1e3, "milliseconds": 1.0, "microseconds": 1e-3, "nanoseconds": 1e-6}
_SUFFIXES = {"s": 1e3, "ms": 1.0, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ns": 1e-6}
_WRITTEN = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)(s|ms|us|µs|μs|ns)?")
LONGEST = 7 * 86_400_000.0
"""A week in milliseconds: what is longer was no duration, or in another unit."""


def milliseconds(number: float, factor: float) -> float | None:
    """`number` times `factor`, where that can be a duration."""
    value = number * factor
    return value if 0.0 <= value <= LONGEST and math.isfinite(value) else None


def written(text: str, unit: DurationUnit) -> float | None:
    """A duration as text: with its unit (`12ms`), or a number in `unit`; with `auto` decimals are seconds, as nginx
    writes them, and a whole number says nothing, because it may be a size or a port."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return None
    if match[2]:
        return milliseconds(float(match[1]), _SUFFIXES[match[2]])
    if unit != "auto":
        return milliseconds(float(match[1]), MILLISECONDS[unit])
    return milliseconds(float(match[1]), 1e3) if "." in match[1] else None
