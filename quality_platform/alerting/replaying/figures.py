"""What predicted alerts come to: how many, how long, at night, and whether that is too much. Pure.

Belongs here: counting, and the verdict. Does not belong here: predicting (`episodes.py`, `messages.py`), remedies
(`variants.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from statistics import median
from typing import Literal

from quality_platform.alerting.replaying.episodes import Episode
from quality_platform.alerting.replaying.messages import Message

NIGHT = (22, 7)
"""From this hour to that one people sleep."""

SHORT = timedelta(minutes=5)
"""Over by itself so soon that nobody would have done anything."""

Verdict = Literal["silent", "quiet", "noisy", "stuck"]
"""`silent`: it would never have fired; `noisy`: more than people read, or over before they could; `stuck`: it fires
most of the time, and so says nothing new."""

MOST_A_DAY = 3.0
MOST_SHORT = 0.5
MOST_FIRING = 0.5
ENOUGH = 5
"""Alerts of which a share can be taken."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The past of one rule. Durations are None without an alert; shares lie between 0 and 1.

    `firing_share`: of the time of all series; `worst_share`: of the series that fired longest; `short`: alerts over
    within five minutes. `messages`: by channel, with groups, repeats and flap damping.
    """

    alerts: int
    by_severity: Mapping[str, int]
    series: int
    series_with_alerts: int
    messages: Mapping[str, int]
    firing_share: float
    worst_share: float
    shortest: timedelta | None
    median: timedelta | None
    longest: timedelta | None
    night_share: float
    short: int
    flapping: int
    reopened: int
    days: float

    @property
    def sent(self) -> int:
        """Messages to all channels."""
        return sum(self.messages.values())

    @property
    def verdict(self) -> Verdict:
        """Whether people would live with it."""
        if not self.alerts:
            return "silent"
        if self.worst_share > MOST_FIRING:
            return "stuck"
        many = self.alerts / max(self.days, 1.0) > MOST_A_DAY
        hasty = self.alerts >= ENOUGH and self.short / self.alerts > MOST_SHORT
        return "noisy" if many or hasty or self.flapping else "quiet"


def figures(
    alerts: Sequence[Episode], sent: Sequence[Message], *, series: int, since: datetime, until: datetime, zone: tzinfo
) -> Figures:
    """The figures of the alerts opened from `since` on; `zone` is where people sleep."""
    counted = [each for each in alerts if each.opened >= since]
    lengths = [each.lasted(until) for each in counted]
    span = until - since
    firing: Counter[str] = Counter()
    for each in alerts:
        firing[each.series.key] += round(each.fired(since, until).total_seconds())
    return Figures(
        alerts=len(counted),
        by_severity=dict(Counter(each.highest for each in counted)),
        series=series,
        series_with_alerts=len({each.series for each in counted}),
        messages=dict(Counter(each.channel for each in sent if each.at >= since)),
        firing_share=_share(sum(firing.values()), span.total_seconds() * series),
        worst_share=_share(max(firing.values(), default=0), span.total_seconds()),
        shortest=min(lengths, default=None),
        median=timedelta(seconds=median(each.total_seconds() for each in lengths)) if lengths else None,
        longest=max(lengths, default=None),
        night_share=_share(sum(is_night(each.opened, zone) for each in counted), len(counted)),
        short=sum(each.closed is not None and each.lasted(until) < SHORT for each in counted),
        flapping=sum(each.flapped for each in counted),
        reopened=sum(each.reopened for each in counted),
        days=span / timedelta(days=1),
    )


def is_night(at: datetime, zone: tzinfo) -> bool:
    """Whether it was night there."""
    hour = at.astimezone(zone).hour
    return hour >= NIGHT[0] or hour < NIGHT[1]


def _share(part: float, whole: float) -> float:
    return min(part / whole, 1.0) if whole else 0.0
