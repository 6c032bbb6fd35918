"""Threshold rules over new observations: from what is remembered and read to judgements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from quality_platform.alerting.conditions.grains import Grain, grain_of
from quality_platform.alerting.conditions.judgement import Judgement, settled
from quality_platform.alerting.conditions.observations import Fresh, Wanted, fresh
from quality_platform.alerting.conditions.relations import MART, Relation
from quality_platform.alerting.plan import Matcher, Plan
from quality_platform.model.alerts import RuleState, Series, Transition
from quality_platform.model.metric import Metric
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules import threshold
from quality_platform.state.rule_states import NEW
from quality_platform.warehouse.lake import Lake

States = Mapping[tuple[str, Series], RuleState]
# longer than any history, shorter than the calendar: turns a count in a window into a count
_EVER = int(timedelta(days=50 * 365).total_seconds() // 60)


def judge(plan: Plan, lake: Lake, states: States, now: datetime) -> Iterator[Judgement]:
    """Judge what is new up to `now`; series without news are not mentioned."""
    matcher = Matcher(plan.rules_of(ThresholdRule), plan)
    for found in news(plan, lake, states, now, matcher):
        yield from judged_by(plan, matcher, states, found)


def news(
    plan: Plan, lake: Lake, states: States, now: datetime, matcher: Matcher[ThresholdRule], relation: Relation = MART
) -> Iterator[Fresh]:
    """What the rules of `matcher` have not judged yet, up to `now`, with the company that they need."""
    judged = _judged(states, matcher)
    by_metric: dict[str, list[datetime]] = {}
    for series, instant in judged.items():
        by_metric.setdefault(series.metric, []).append(instant)
    wanted = [
        _wanted(plan.metric(name), [rule for _, rule in rules], by_metric.get(name, []), now)
        for name, rules in matcher.metrics.items()
    ]
    return fresh(lake, wanted, judged, relation)


def judged_by(plan: Plan, matcher: Matcher[ThresholdRule], states: States, found: Fresh) -> Iterator[Judgement]:
    """What each rule, remembering its state in `states`, says of one series."""
    metric = plan.metric(found.series.metric)
    for key, rule in matcher.of(found.series):
        before = states.get((key, found.series), NEW)
        yield _judge(key, _counted(rule, grain_of(metric.grain)), before, found, metric.unit)


def company(rules: Iterable[ThresholdRule]) -> int:
    """How many observations before the first new one these rules must see, to count `min_samples`."""
    return max(rule.min_samples for rule in rules) - 1


def _judged(states: States, matcher: Matcher[ThresholdRule]) -> dict[Series, datetime]:
    """How far every rule has judged a series; a series that is new to one of its rules is left out."""
    found = {}
    for series in {series for _, series in states}:
        instants = [states.get((key, series), NEW).evaluated_to for key, _ in matcher.of(series)]
        known = [instant for instant in instants if instant is not None]
        if known and len(known) == len(instants):
            found[series] = min(known)
    return found


def _wanted(metric: Metric, rules: list[ThresholdRule], judged: list[datetime], now: datetime) -> Wanted:
    grain = grain_of(metric.grain)
    window = timedelta(minutes=max(rule.trend_window_minutes for rule in rules)) if grain.by_clock else timedelta(0)
    return Wanted(
        metric.name,
        since=_since(judged, grain, window, now),
        # an instant in the future would, once judged, hide everything before it
        until=now - grain.length,
        company=company(rules),
        first=window,
    )


def _since(judged: list[datetime], grain: Grain, window: timedelta, now: datetime) -> datetime | None:
    """How far back to read: of samples, no further than the slowest living series needs, so that it stays quick."""
    if grain.lookback is None:
        return None
    oldest = now - max(grain.lookback, window)
    living = [instant for instant in judged if instant > oldest]
    return max(oldest, min(living) - window) if living and grain.by_clock else oldest


def _counted(rule: ThresholdRule, grain: Grain) -> ThresholdRule:
    return rule if grain.by_clock else rule.model_copy(update={"trend_window_minutes": _EVER})


def _judge(key: str, rule: ThresholdRule, before: RuleState, found: Fresh, unit: str) -> Judgement:
    after, transitions = threshold.evaluate(rule, before, found.samples, unit)
    if before == NEW:
        transitions = settled(transitions)
    traced = tuple(_traced(transition, found) for transition in transitions)
    return Judgement(key, "threshold_violation", found.series, before, after, traced)


def _traced(transition: Transition, found: Fresh) -> Transition:
    evidence = transition.evidence
    return replace(transition, evidence=replace(evidence, batch_id=found.batches.get(evidence.observed_at)))
