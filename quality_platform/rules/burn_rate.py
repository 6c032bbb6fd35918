"""The burn rate rule: the error budget of an objective goes too fast, in a long and a short window at once.

The long window says that it matters, the short one that it still goes on (Google, The Site Reliability Workbook,
chapter 5). Does not belong here: how the shares of bad events were summed up (`budget.py`, SQL).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quality_platform.model.alerts import SEVERITY_ORDER, Evidence, Level, RuleState, Sample
from quality_platform.model.rules import BurnRateRule
from quality_platform.rules.condition import Times, advance, cleared, lapsed
from quality_platform.rules.levels import Judged, amount, lasting


@dataclass(frozen=True, slots=True)
class Spent:
    """Of one pair of windows: shares of bad events, NaN where there were none, and all events of the long one."""

    long: float
    short: float
    events: float


def evaluate(rule: BurnRateRule, state: RuleState, spent: Sequence[Spent], latest: Sample) -> Judged:
    """Judge what was spent in each of `rule.windows`, all of which end at `latest`, the newest observation.

    Both windows must be above the factor. No newer observation than the last time changes nothing.
    """
    if state.evaluated_to is not None and latest.observed_at <= state.evaluated_to:
        return state, ()
    least = rule.min_denominator or 0.0
    level, told = _worst(rule, [each if each.events >= least else None for each in spent])
    enough = any(each.events >= least for each in spent)
    times = Times(rule.for_, rule.keep_firing_for, longest(rule))
    detail = told or "The error budget does not burn too fast any more."
    return advance(
        state, level, latest.observed_at, times, lambda _, to: _evidence(rule, spent, to, latest, detail), enough=enough
    )


def elapse(rule: BurnRateRule, state: RuleState, now: datetime, last: Sample) -> Judged:
    """A good while that is over at `now`, without an observation after `last`."""
    if not lapsed(state, now, rule.keep_firing_for):
        return state, ()
    detail = f"It has been good for {lasting(rule.keep_firing_for)}."
    return cleared(state, Evidence(last.value, None, last.observed_at, detail=detail))


def longest(rule: BurnRateRule) -> timedelta:
    """How far back it looks."""
    return max(window.long for window in rule.windows)


def _worst(rule: BurnRateRule, spent: Sequence[Spent | None]) -> tuple[Level, str]:
    """The worst level of all pairs, and the sentence of the pair that says so."""
    level: Level = "ok"
    told = ""
    for window, each in zip(rule.windows, spent, strict=True):
        if each is None or SEVERITY_ORDER[window.severity] <= SEVERITY_ORDER[level]:
            continue
        bound = window.factor * rule.budget
        if each.long > bound and each.short > bound:
            level = window.severity
            told = (
                f"The error budget of {amount(rule.objective, '%')} burns {amount(each.long / rule.budget)} times too "
                f"fast over {lasting(window.long)} and {amount(each.short / rule.budget)} times over "
                f"{lasting(window.short)}; {amount(window.factor)} is too much."
            )
    return level, told


def _evidence(rule: BurnRateRule, spent: Sequence[Spent], to: Level, latest: Sample, detail: str) -> Evidence:
    """The burn rate of the pair that decided, else of the first, against its factor."""
    pairs = list(zip(rule.windows, spent, strict=True))
    window, each = next(
        (pair for pair in pairs if pair[0].severity == to and pair[1].long > pair[0].factor * rule.budget), pairs[0]
    )
    return Evidence(each.long / rule.budget, window.factor, latest.observed_at, detail=detail)
