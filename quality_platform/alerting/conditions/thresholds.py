"""Threshold, absence and heartbeat rules over new observations: from what is remembered and read to judgements.

Does not belong here: series that say nothing new (`silences.py`), samples as they arrive (`live.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from quality_platform.alerting.conditions import history, sampled
from quality_platform.alerting.conditions.grains import Grain, grain_of
from quality_platform.alerting.conditions.judgement import Judgement, settled
from quality_platform.alerting.conditions.observations import Fresh, Wanted, fresh
from quality_platform.alerting.conditions.relations import MART, Relation
from quality_platform.alerting.conditions.sampled import Sampled
from quality_platform.alerting.plan import Matcher, Plan
from quality_platform.model.alerts import RuleState, Sample, Series, Transition
from quality_platform.model.metric import Metric
from quality_platform.model.metrics import CATALOGUE
from quality_platform.model.rule_base import ZERO
from quality_platform.state.rule_states import NEW
from quality_platform.warehouse.lake import Lake

States = Mapping[tuple[str, Series], RuleState]
Wholes = Mapping[str, Sequence[Sample]]
"""Values of the denominator, by rule."""

MOST_WHOLES = 1_000


WATCHED = timedelta(minutes=2)
"""What is younger came while the platform watched, though its process may have died before it looked."""


def judge(plan: Plan, lake: Lake, states: States, now: datetime) -> Iterator[Judgement]:
    """Judge what is new up to `now`; series without news are not mentioned."""
    rules = sampled.sampled_rules(plan)
    matcher, wanted = Matcher(rules, plan), sampled.wholes_wanted(rules)
    for found in news(plan, lake, states, now, matcher):
        yield from judged_by(plan, matcher, states, found, now, _wholes(lake, found.series, wanted) if wanted else {})


def news(
    plan: Plan, lake: Lake, states: States, now: datetime, matcher: Matcher[Sampled], relation: Relation = MART
) -> Iterator[Fresh]:
    """What the rules of `matcher` have not judged yet, up to `now`, with the company that they need."""
    judged = _judged(states, matcher)
    by_metric: dict[str, list[datetime]] = {}
    for series, instant in judged.items():
        by_metric.setdefault(series.metric, []).append(instant)
    known = {key for key, _ in states}
    wanted = []
    for name, rules in matcher.metrics.items():
        # to a rule that is new, series that are silent by now are new as well
        instants = by_metric.get(name, []) if all(key in known for key, _ in rules) else []
        wanted.append(_wanted(plan.metric(name), [rule for _, rule in rules], instants, now))
    return fresh(lake, wanted, judged, relation)


def judged_by(
    plan: Plan, matcher: Matcher[Sampled], states: States, found: Fresh, now: datetime, wholes: Wholes | None = None
) -> Iterator[Judgement]:
    """What each rule, remembering its state in `states`, says of one series."""
    metric = plan.metric(found.series.metric)
    by_clock = grain_of(metric.grain).by_clock
    for key, rule in matcher.of(found.series):
        before = states.get((key, found.series), NEW)
        known = wholes.get(key, ()) if wholes else ()
        after, told = sampled.judged(rule, before, found.samples, metric.unit, by_clock=by_clock, wholes=known)
        if told:
            told = settled(told, now - WATCHED) if before == NEW else told
            told = tuple(_traced(transition, found, before.evaluated_to) for transition in told)
        yield Judgement(key, rule.type, found.series, before, after, told)


def _judged(states: States, matcher: Matcher[Sampled]) -> dict[Series, datetime]:
    """How far every rule has judged a series; a series that is new to one of its rules is left out."""
    found = {}
    for series in {series for _, series in states}:
        instants = [states.get((key, series), NEW).evaluated_to for key, _ in matcher.of(series)]
        known = [instant for instant in instants if instant is not None]
        if known and len(known) == len(instants):
            found[series] = min(known)
    return found


def _wanted(metric: Metric, rules: list[Sampled], judged: list[datetime], now: datetime) -> Wanted:
    grain = grain_of(metric.grain)
    window = sampled.window(rules) if grain.by_clock else ZERO
    return Wanted(
        metric.name,
        since=_since(judged, grain, window, sampled.reach(rules), now),
        # an instant in the future would, once judged, hide everything before it
        until=now - grain.length,
        company=sampled.company(rules),
        first=window,
        stretch=sampled.stretch(rules) if grain.by_clock else ZERO,
    )


def _since(
    judged: list[datetime], grain: Grain, window: timedelta, reach: timedelta, now: datetime
) -> datetime | None:  # fmt: skip
    """How far back to read: of samples, no further than the slowest living series needs, so that it stays quick."""
    if grain.lookback is None:
        return None
    oldest = now - max(grain.lookback, window, reach)
    living = [instant for instant in judged if instant > oldest]
    return max(oldest, min(living) - window) if living and grain.by_clock else oldest


def _wholes(lake: Lake, series: Series, wanted: Mapping[str, str]) -> Wholes:
    """What the values of `series` are shares of, for each rule that asks."""
    found = {}
    for key, metric in wanted.items():
        known = CATALOGUE.find(metric)
        whole = replace(series, metric=metric if known is None else known.name)
        shown = history.points(lake, [whole], count=MOST_WHOLES).get(whole, history.Points())
        found[key] = [Sample(at, value) for at, value in zip(shown.times, shown.values, strict=True)]
    return found


def _traced(transition: Transition, found: Fresh, judged_to: datetime | None) -> Transition:
    """With the batch of the sample that decided, where that is a new one: of older ones nobody remembers theirs."""
    evidence = transition.evidence
    if judged_to is not None and evidence.observed_at <= judged_to:
        return transition
    return replace(transition, evidence=replace(evidence, batch_id=found.batches.get(evidence.observed_at)))
