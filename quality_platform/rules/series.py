"""One rule over a whole series: what it would have decided and when. Backtests, tests of rules and the CI gate use it.

Belongs here: in what order samples and the clock reach a rule. Does not belong here: what any of them means (the rule
types), where the samples come from.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from quality_platform.model.alerts import RuleState, Sample, Transition
from quality_platform.model.metric import Metric
from quality_platform.model.rules import RuleConfig, ThresholdRule
from quality_platform.rules import silence
from quality_platform.rules.clock import INSTANT, due, elapsed
from quality_platform.rules.judging import Known, judged

LOOKBACK = timedelta(minutes=5)
"""With a step, a value holds for so long where the rule has no `stale_after`: Prometheus' own."""

PACED = 10
"""Newest samples that show a series' pace."""


class Step(NamedTuple):
    """What a rule remembered after an evaluation at `instant`, and the changes that it decided there."""

    instant: datetime
    state: RuleState
    transitions: tuple[Transition, ...]


def replay(
    rule: RuleConfig,
    samples: Sequence[Sample],
    *,
    metric: Metric,
    until: datetime | None = None,
    step: timedelta | None = None,
    known: Known | None = None,
) -> list[Step]:
    """Judge `samples` from a fresh memory; returns the state after each evaluation, in order of time.

    Samples may come in any order; of two at one instant the first counts. Without `step` each sample is judged when it
    comes, and the clock in between where it decides something, up to `until` (default: the newest sample). With `step`
    the rule is evaluated at every `step` from the first sample on, as Prometheus does: the newest value counts again
    while it is no older than `stale_after`, else five minutes. `known`: what else the rule type looks at, such as
    totals, steps that detection found, releases.
    """
    ordered = _ordered(samples)
    if not ordered:
        return []
    beyond = until or ordered[-1].observed_at
    run = _Run(rule, metric, known or Known(), step)
    if step is None:
        return list(_by_sample(run, [each for each in ordered if each.observed_at <= beyond], beyond))
    return list(_by_step(run, ordered, beyond, step))


def transitions(steps: Sequence[Step]) -> list[tuple[datetime, Transition]]:
    """The changes alone, with the instants of their evaluations."""
    return [(each.instant, transition) for each in steps for transition in each.transitions]


@dataclass(slots=True)
class _Run:
    rule: RuleConfig
    metric: Metric
    known: Known
    step: timedelta | None
    state: RuleState = field(default_factory=RuleState)

    def take(self, samples: Sequence[Sample], at: datetime) -> Step:
        self.state, changes = judged(self.rule, self.state, samples, self.metric, at, self.known)
        return Step(at, self.state, changes)

    def wait(self, last: Sample | None, now: datetime, limit: timedelta | None) -> Step:
        self.state, changes = elapsed(self.rule, self.state, now, last=last, limit=limit, unit=self.metric.unit)
        return Step(now, self.state, changes)


def _by_sample(run: _Run, ordered: Sequence[Sample], until: datetime) -> Iterator[Step]:
    instants = [each.observed_at for each in ordered]
    for place, sample in enumerate(ordered):
        # at the same instant the sample goes first
        yield from _clock(run, ordered[max(place - PACED, 0) : place], sample.observed_at - INSTANT)
        yield run.take(ordered[_start(run, instants, place) : place + 1], sample.observed_at)
    yield from _clock(run, ordered[-PACED:], until)


def _start(run: _Run, instants: Sequence[datetime], place: int) -> int:
    """Where the part begins that the rule must see to judge the sample at `place`."""
    window = bisect_right(instants, instants[place] - run.known.reach(run.rule))
    return max(min(window, place - run.known.company(run.rule)), 0)


def _clock(run: _Run, before: Sequence[Sample], until: datetime) -> Iterator[Step]:
    """What the clock decides after `before` and not later than `until`."""
    last = before[-1] if before else None
    limit = _limit(run, before)
    now = None
    while (at := due(run.rule, run.state, limit)) is not None and at <= until and (now is None or at > now):
        now = at
        yield run.wait(last, now, limit)


def _by_step(run: _Run, ordered: Sequence[Sample], until: datetime, step: timedelta) -> Iterator[Step]:
    holds = isinstance(run.rule, ThresholdRule)
    instants = [each.observed_at for each in ordered]
    held: list[Sample] = []
    place, now = 0, instants[0]
    while now <= until:
        newest = bisect_right(instants, now)
        recent = ordered[max(newest - PACED, 0) : newest]
        limit = _limit(run, recent)
        if holds and limit is not None and now - recent[-1].observed_at <= limit:
            held.append(Sample(now, recent[-1].value))
            times = [each.observed_at for each in held]
            held = held[_start(run, times, len(held) - 1) :]
            yield run.take(held, now)
        else:
            fresh = run.take(ordered[_start(run, instants, newest - 1) : newest], now) if newest > place else None
            quiet = run.wait(recent[-1], now, limit)
            yield Step(now, quiet.state, (*(fresh.transitions if fresh else ()), *quiet.transitions))
        place, now = newest, now + step


def _limit(run: _Run, before: Sequence[Sample]) -> timedelta | None:
    own = getattr(run.rule, "stale_after", None)
    if run.step is not None and isinstance(run.rule, ThresholdRule):
        return own or LOOKBACK
    return silence.limit_of(own, silence.pace_of([each.observed_at for each in before]))


def _ordered(samples: Sequence[Sample]) -> list[Sample]:
    kept: dict[datetime, Sample] = {}
    for sample in samples:
        kept.setdefault(sample.observed_at, sample)
    return [kept[at] for at in sorted(kept)]
