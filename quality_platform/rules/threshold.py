"""The threshold rule: a value passes a level, perhaps for a while, and later comes back behind another.

Semantics: strict comparison, critical first; a level that fires clears behind its clear level. Does not belong here:
waits and good whiles (`condition.py`), silence (`silence.py`).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter, lt

from quality_platform.model.alerts import SEVERITY_ORDER, Evidence, Level, RuleState, Sample, Transition
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules import silence
from quality_platform.rules.condition import Times, advance, cleared, lapsed
from quality_platform.rules.levels import Judged, amount, lasting
from quality_platform.rules.window import Window

LEVELS: tuple[Level, ...] = ("critical", "warning")
_INSTANT = attrgetter("observed_at")


def evaluate(
    rule: ThresholdRule,
    state: RuleState,
    samples: Sequence[Sample],
    unit: str = "",
    *,
    by_clock: bool = True,
    wholes: Sequence[Sample] | None = None,
) -> Judged:
    """Judge the samples later than `state.evaluated_to`, in order; older ones only count as company.

    `samples` are sorted by time and reach back `trend_window_minutes` before the first new one where the rule looks at
    a window, and one sample where it has `keep_firing_for`. One that is not later than its predecessor is ignored, so
    a replay changes nothing. NaN is no observation: it is false, and it is not counted. `by_clock` False: the window
    is the last `min_samples` observations, whenever they were. `wholes`: values of the rule's denominator by time;
    None: nobody asked, which a rule with `min_denominator` takes for too little.
    """
    accepted = _in_order(samples)
    times, window = times_of(rule), Window(rule, accepted, by_clock=by_clock, wholes=wholes or ())
    told: list[Transition] = []
    done = 0 if state.evaluated_to is None else bisect_right(accepted, state.evaluated_to, key=_INSTANT)
    for place, sample in enumerate(accepted[done:], start=done):
        at = sample.observed_at
        if state.recovering_since is not None and at > state.recovering_since + times.keep:
            state, changes = lapse(rule, state, accepted[place - 1] if place else None)
            told += changes
        value, enough = window.at(place)
        level = _level(rule, silence.by_value(state), value)
        state, changes = advance(state, level, at, times, _Teller(rule, value, at, unit), enough=enough)
        told += changes
    return state, tuple(told)


def elapse(
    rule: ThresholdRule, state: RuleState, now: datetime, *, last: Sample, limit: timedelta | None, unit: str = ""
) -> Judged:
    """What time alone decides: a good while that is over, a silence longer than `limit` (None: nobody knows its pace).

    `last` is the newest sample; again at a later `now` decides nothing more.
    """
    if lapsed(state, now, rule.keep_firing_for):
        return lapse(rule, state, last)
    if limit is None or state.no_data or now - last.observed_at <= limit:
        return state, ()
    lowest: Level = "critical" if rule.warning_threshold is None else "warning"
    return silence.fallen_silent(rule.no_data, state, now, last=last, raises=lowest, keep=rule.keep_firing_for)


def lapse(rule: ThresholdRule, state: RuleState, last: Sample | None) -> Judged:
    """The good while is over without a sample that ends it."""
    value, at = (math.nan, state.recovering_since) if last is None else (last.value, last.observed_at)
    assert at is not None
    detail = f"It has been good for {lasting(rule.keep_firing_for)}."
    return cleared(state, Evidence(value, None, at, detail=detail), "no_data" if state.no_data else "")


def times_of(rule: ThresholdRule) -> Times:
    """The rule's times; a silence longer than both the window and `for` begins a wait anew."""
    patience = max(rule.for_, timedelta(minutes=rule.trend_window_minutes))
    return Times(rule.for_, rule.keep_firing_for, patience)


def looks_back(rule: ThresholdRule) -> bool:
    """Whether it needs all samples of its window, not only the newest and how many there were."""
    return rule.agg != "last"


def _in_order(samples: Sequence[Sample]) -> Sequence[Sample]:
    instants = list(map(_INSTANT, samples))
    if all(map(lt, instants, instants[1:])):  # nearly always, and a tenth of the time
        return samples
    accepted: list[Sample] = []
    for sample in samples:
        if not accepted or sample.observed_at > accepted[-1].observed_at:
            accepted.append(sample)
    return accepted


class _Teller:
    """Evidence of a change, made only where there is one."""

    __slots__ = ("_at", "_rule", "_unit", "_value")

    def __init__(self, rule: ThresholdRule, value: float, at: datetime, unit: str) -> None:
        self._rule, self._value, self._at, self._unit = rule, value, at, unit

    def __call__(self, before: Level, to: Level) -> Evidence:
        """Held against the threshold that was passed or, when it clears, the clear level that was left."""
        rule, fell = self._rule, SEVERITY_ORDER[to] < SEVERITY_ORDER[before]
        level: Level = "critical" if fell and to == "warning" else to
        if fell and to == "ok":
            level = before if rule.warning_threshold is None else "warning"
        bound = _bound(rule, level, firing=fell)
        place = f"no longer {rule.side}" if fell else rule.side
        unit = "" if rule.agg == "count" else self._unit
        subject = amount(self._value, unit)
        if rule.agg != "last":
            subject = f"The window's {rule.agg} of {subject}"
        detail = "" if bound is None else f"{subject} is {place} {amount(bound, unit)}."
        return Evidence(value=self._value, threshold=bound, observed_at=self._at, detail=detail)


def _level(rule: ThresholdRule, current: Level, value: float) -> Level:
    """Critical first; a level that fires already is held against its clear level."""
    above = rule.side == "above"
    for level in LEVELS:
        bound = _bound(rule, level, firing=SEVERITY_ORDER[current] >= SEVERITY_ORDER[level])
        if bound is not None and (value > bound if above else value < bound):
            return level
    return "ok"


def _bound(rule: ThresholdRule, level: Level, *, firing: bool) -> float | None:
    """What a value is held against: the level's threshold, or its clear level where it fires already."""
    critical = level == "critical"
    threshold = rule.critical_threshold if critical else rule.warning_threshold
    clear = rule.critical_clear if critical else rule.warning_clear
    return clear if firing and clear is not None else threshold
