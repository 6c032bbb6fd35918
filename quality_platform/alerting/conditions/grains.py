"""How observations of one grain are read: how far back, and when one is complete.

A commit's or a sample's value never changes. The value of an hour or a day does until it is over, and half a
day of users would look like a drop: such an observation is judged once its time has passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Grain:
    """`length` of what one observation stands for; older ones than `lookback` are not judged any more.

    `by_clock`: whether `min_samples` are counted in the rule's window of minutes. Commits and days do not come
    by the minute; of them the last so many are counted.
    """

    length: timedelta
    lookback: timedelta | None
    by_clock: bool


SAMPLE = Grain(timedelta(0), timedelta(days=1), by_clock=True)
GRAINS: Mapping[str, Grain] = MappingProxyType(
    {
        "sample": SAMPLE,
        # a repository's whole history: an old one has no newer commits than the last
        "commit": Grain(timedelta(0), None, by_clock=False),
        "hour": Grain(timedelta(hours=1), timedelta(days=7), by_clock=False),
        "day": Grain(timedelta(days=1), timedelta(days=60), by_clock=False),
    }
)


def grain_of(name: str) -> Grain:
    """The grain called `name`; one that is not listed is read like samples."""
    return GRAINS.get(name, SAMPLE)
