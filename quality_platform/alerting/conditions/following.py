"""What the live evaluation remembers of series: rules' states, the newest samples, and when the clock is to look again.

Belongs here: memory that is bounded and never asks anybody. Does not belong here: judging, reading or writing
(`live.py`).
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from operator import attrgetter

from quality_platform.alerting.conditions import sampled
from quality_platform.alerting.conditions.observations import Fresh
from quality_platform.alerting.conditions.sampled import Sampled
from quality_platform.model.alerts import RuleState, Sample, Series
from quality_platform.rules import clock

_INSTANT = attrgetter("observed_at")


@dataclass(slots=True)
class Followed:
    """A series in memory: per rule its state as judged and as it stands in the database; the newest samples."""

    states: dict[str, RuleState]
    stored: dict[str, RuleState]
    company: Sequence[Sample]

    @property
    def last(self) -> Sample | None:
        """The newest sample that is kept."""
        return self.company[-1] if self.company else None


class Company:
    """Which samples of a series must be kept, so that the next ones can be judged without asking the lake."""

    def __init__(self, rules: Mapping[str, Iterable[tuple[str, Sampled]]]) -> None:
        by_metric = {name: [rule for _, rule in found] for name, found in rules.items()}
        self._counts = {name: sampled.company(found) for name, found in by_metric.items()}
        self._stretches = {name: sampled.stretch(found) for name, found in by_metric.items()}

    def count(self, metric: str) -> int:
        """How many of a series of `metric` are kept at least."""
        return max(self._counts[metric], 1) if self._stretches[metric] else self._counts[metric]

    def of(self, found: Fresh) -> Sequence[Sample]:
        """Of what was seen of a series, what is to be kept."""
        samples, least = found.samples, self.count(found.series.metric)
        stretch = self._stretches[found.series.metric]
        if stretch:
            first = bisect_right(samples, samples[-1].observed_at - stretch, key=_INSTANT)
            return samples[min(first, max(len(samples) - least, 0)) :]
        return samples[-least:] if least else ()


class Deadlines:
    """Series by the instant that the clock must look at them; each once, at the earliest that was asked for.

    Samples move deadlines away many times before one comes: who looks asks anew, and sets the next one.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Series]] = []
        self._known: dict[Series, datetime] = {}
        self._order = count()

    def ask(self, series: Series, at: datetime) -> None:
        """Look at `series` at `at`, or earlier where that was asked for already."""
        known = self._known.get(series)
        if known is None or at < known:
            self._known[series] = at
            heapq.heappush(self._waiting, (at, next(self._order), series))

    def due(self, now: datetime) -> list[Series]:
        """Those whose time has come; each must be asked for again."""
        found = []
        while self._waiting and self._waiting[0][0] <= now:
            at, _, series = heapq.heappop(self._waiting)
            if self._known.get(series) == at:
                del self._known[series]
                found.append(series)
        return found

    def __contains__(self, series: Series) -> bool:
        return series in self._known


def due_at(rule: Sampled, state: RuleState, limit: timedelta | None, listening: datetime) -> datetime | None:
    """When the clock may decide something; silence counts from `listening` on, when somebody began to listen.

    A service that was down for an hour must not take its own silence for that of others.
    """
    due = clock.due(rule, state, limit)
    if due is None or limit is None or state.recovering_since is not None:
        return due
    return max(due, listening + limit)
