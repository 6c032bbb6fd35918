"""Series that say nothing: what the clock alone decides about threshold, absence and heartbeat rules.

Belongs here: the sensors' way, which reads states and lake each time. Does not belong here: what silence means
(`rules/`), the live service's way, which has both in memory (`live.py`).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

import duckdb

from quality_platform.alerting.conditions import sampled
from quality_platform.alerting.conditions.history import Points, points
from quality_platform.alerting.conditions.judgement import Judgement
from quality_platform.alerting.conditions.relations import MART, SAMPLES
from quality_platform.alerting.conditions.sampled import PACED, Sampled
from quality_platform.alerting.plan import Matcher, Plan
from quality_platform.model.alerts import RuleState, Sample, Series
from quality_platform.model.rules import AbsenceRule, HeartbeatRule
from quality_platform.rules import clock
from quality_platform.rules.levels import Judged
from quality_platform.rules.matching import named
from quality_platform.state.rule_states import NEW
from quality_platform.warehouse.lake import Lake

States = Mapping[tuple[str, Series], RuleState]


def judge(
    plan: Plan, lake: Lake, states: States, now: datetime, judged: Collection[tuple[str, Series]] = ()
) -> Iterator[Judgement]:
    """Judge by the clock what `states` remember; not the pairs in `judged`, which have just had news."""
    rules = {key: rule for key, rule in sampled.sampled_rules(plan).items() if sampled.ticking(rule)}
    arrived = arrivals_of(states)
    known = {pair: state for pair, state in states.items() if pair not in judged}
    pairs = list(_spoken_of(plan, rules, {**missing(plan, rules, arrived, states), **known}))
    asked = {series for _, series, rule, state in pairs if _may_be_due(rule, state, now)}
    shown = _newest(plan, lake, asked, now)
    for key, series, rule, state in pairs:
        points_of = shown.get(series, Points())
        if state.evaluated_to is None and key in arrived:
            after, told = came(rule, state, arrived[key])
        elif _said_something(state, points_of):
            continue  # which is to be judged first
        else:
            after, told = _elapsed(rule, state, points_of, now, plan.metric(series.metric).unit)
        if after != state:
            yield Judgement(key, rule.type, series, state, after, told)


def came(rule: Sampled, state: RuleState, at: datetime) -> Judged:
    """The wait for a series that the rule names is over: it has come, perhaps with labels that nobody knew."""
    if state.level == "ok":
        return state, ()
    return sampled.judged(rule, state, [Sample(at, math.nan)], "", by_clock=True, wholes=())


def missing(
    plan: Plan, rules: Mapping[str, Sampled], arrived: Collection[str], states: States
) -> dict[tuple[str, Series], RuleState]:
    """Series that a rule names and that have never come, with what is remembered of the wait for them."""
    return {
        (key, series): states.get((key, series), NEW)
        for key, series in expected(rules).items()
        if key not in arrived and not plan.silent(series.project)
    }


def arrivals_of(states: States) -> dict[str, datetime]:
    """When a series of each rule came last; rules for which none ever came are not in it."""
    found: dict[str, datetime] = {}
    for (key, _), state in states.items():
        if state.evaluated_to is not None:
            found[key] = max(state.evaluated_to, found.get(key, state.evaluated_to))
    return found


def expected(rules: Mapping[str, Sampled]) -> dict[str, Series]:
    """The series that an absence or heartbeat rule names, by rule."""
    found = {key: named(rule) for key, rule in rules.items() if isinstance(rule, AbsenceRule | HeartbeatRule)}
    return {key: series for key, series in found.items() if series is not None}


def newest_of(shown: Points, state: RuleState) -> Sample | None:
    """The newest sample, as far as it is known; None of a series that never came."""
    if shown.times:
        return Sample(shown.times[-1], shown.values[-1])
    return None if state.evaluated_to is None else Sample(state.evaluated_to, math.nan)


def _spoken_of(
    plan: Plan, rules: Mapping[str, Sampled], states: States
) -> Iterator[tuple[str, Series, Sampled, RuleState]]:
    """The pairs whose rule still speaks of the series."""
    matcher = Matcher(rules, plan)
    for (key, series), state in states.items():
        for each, rule in matcher.of(series):
            if each == key:
                yield key, series, rule, state


def _elapsed(rule: Sampled, state: RuleState, shown: Points, now: datetime, unit: str) -> Judged:
    limit = sampled.limit_of(rule, shown.times)
    due = clock.due(rule, state, limit)
    if state != NEW and (due is None or due > now):
        return state, ()
    return clock.elapsed(rule, state, now, last=newest_of(shown, state), limit=limit, unit=unit)


def _said_something(state: RuleState, shown: Points) -> bool:
    return state.evaluated_to is not None and bool(shown.times) and shown.times[-1] > state.evaluated_to


def _may_be_due(rule: Sampled, state: RuleState, now: datetime) -> bool:
    """Whether the lake must be asked: not of a series that may not be silent before later."""
    limit = sampled.limit_of(rule, ())
    if limit is None:
        return state.evaluated_to is not None
    due = clock.due(rule, state, limit)
    return due is not None and due <= now


def _newest(plan: Plan, lake: Lake, series: Collection[Series], now: datetime) -> dict[Series, Points]:
    """Newest points up to `now`; of samples out of the raw table, since the mart is minutes behind."""
    if not lake.exists:
        return {}
    raw = [each for each in series if plan.metric(each.metric).grain == "sample"]
    rest = [each for each in series if plan.metric(each.metric).grain != "sample"]
    found = points(lake, raw, until=now, count=PACED, relation=SAMPLES)
    try:
        return found | points(lake, rest, until=now, count=PACED, relation=MART)
    except duckdb.CatalogException:  # the first transformation has not run
        return found
