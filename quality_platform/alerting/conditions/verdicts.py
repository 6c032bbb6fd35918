"""Rules about how series moved, over the verdicts of `detection/` or the series themselves: from what is read to
judgements.

Belongs here: which of both a rule is given. Does not belong here: reading series (`recent.py`), judging (`rules/`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb

from quality_platform.alerting.conditions import recent
from quality_platform.alerting.conditions.grains import grain_of
from quality_platform.alerting.conditions.history import latest
from quality_platform.alerting.conditions.judgement import Judgement, settled
from quality_platform.alerting.plan import Matcher, Plan
from quality_platform.model.alerts import RuleState, Sample, Series, Transition
from quality_platform.model.rules import AnomalyRule, ImprovementRule, RegressionRule, RuleConfig, TrendRule
from quality_platform.rules.judging import Known, judged
from quality_platform.rules.regression import ChangeRow
from quality_platform.rules.trend import TrendRow
from quality_platform.state.rule_states import NEW
from quality_platform.warehouse.lake import Lake

States = Mapping[tuple[str, Series], RuleState]
FIRST = 20
"""Observations of a new series that are judged for anomalies: each takes the time of sorting its window."""

Verdict = TrendRule | RegressionRule | ImprovementRule | AnomalyRule


def verdict_rules(plan: Plan) -> dict[str, Verdict]:
    """The rules of this kind, by key."""
    return {key: rule for key, rule in plan.rules.items() if isinstance(rule, Verdict)}


def judge(plan: Plan, lake: Lake, states: States, now: datetime) -> Iterator[Judgement]:
    """Judge every series by all rules about how it moved."""
    yield from judge_verdicts(plan, lake, states, now)
    yield from judge_series(plan, lake, states, now)


def judge_verdicts(plan: Plan, lake: Lake, states: States, now: datetime) -> Iterator[Judgement]:
    """By detection's trends and steps: every series that has one, or had one that still fires."""
    rules = {key: rule for key, rule in verdict_rules(plan).items() if not _looks_itself(rule)}
    matcher = Matcher(rules, plan)
    known = _known(lake, matcher)
    firing = {series for (key, series), state in states.items() if key in rules and state.level != "ok"}
    newest = latest(lake, firing)
    for series in known.keys() | newest.keys():
        found = known.get(series, _NOTHING)
        sample = newest.get(series) or found.newest
        if sample is None:
            continue
        for key, rule in matcher.of(series):
            before = states.get((key, series), NEW)
            if not _has_news(rule, found) and before.level == "ok":
                continue
            found_out = _judgement(plan, key, rule, series, before, (sample,), now, found.known)
            # a verdict that is judged again and again needs no memory of each time
            if found_out.transitions:
                yield found_out


def judge_series(plan: Plan, lake: Lake, states: States, now: datetime) -> Iterator[Judgement]:
    """By the series themselves: slopes, baselines and scores that a rule measures."""
    rules = {key: rule for key, rule in verdict_rules(plan).items() if _looks_itself(rule)}
    matcher = Matcher(rules, plan)
    found = recent.recent(lake, matcher.metrics.keys(), now)
    scores = recent.scores(lake, {metric for metric, each in matcher.metrics.items() if _any(each, AnomalyRule)})
    released = recent.releases(lake, {each.project for each in found} if _any_release(rules) else ())
    for series, (samples, batches) in found.items():
        length = grain_of(plan.metric(series.metric).grain).length
        complete = tuple(sample for sample in samples if sample.observed_at <= now - length)
        known = Known(verdicts=scores.get(series), releases=released.get(series.project, ()))
        for key, rule in matcher.of(series):
            before = states.get((key, series), NEW)
            found_out = _judgement(plan, key, rule, series, before, complete, now, known)
            if found_out.changed:
                traced = tuple(_traced(each, batches) for each in found_out.transitions)
                yield replace(found_out, transitions=traced)


def _judgement(
    plan: Plan, key: str, rule: Verdict, series: Series, before: RuleState, samples: Sequence[Sample], now: datetime,
    known: Known,
) -> Judgement:  # fmt: skip
    start = _start(rule, before, samples)
    after, told = judged(rule, start, samples, plan.metric(series.metric), now, known)
    return Judgement(key, rule.type, series, before, after, settled(told) if before == NEW else told)


def _start(rule: Verdict, before: RuleState, samples: Sequence[Sample]) -> RuleState:
    """Of a series that is new to an anomaly rule, only the newest few observations are judged."""
    if before != NEW or not isinstance(rule, AnomalyRule) or len(samples) <= FIRST:
        return before
    return RuleState(evaluated_to=samples[-FIRST - 1].observed_at)


def _looks_itself(rule: RuleConfig) -> bool:
    if isinstance(rule, TrendRule):
        return rule.trend is not None
    return isinstance(rule, AnomalyRule) or (isinstance(rule, RegressionRule) and rule.baseline is not None)


def _any(rules: list[tuple[str, Verdict]], kind: type) -> bool:
    return any(isinstance(rule, kind) for _, rule in rules)


def _any_release(rules: Mapping[str, Verdict]) -> bool:
    wanted = [rule.baseline for rule in rules.values() if isinstance(rule, RegressionRule)]
    return any(baseline is not None and baseline.kind == "release" for baseline in wanted)


def _traced(transition: Transition, batches: Mapping[datetime, str | None]) -> Transition:
    evidence = transition.evidence
    return replace(transition, evidence=replace(evidence, batch_id=batches.get(evidence.observed_at)))


# --- what detection says ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    """Of one series: its trend, its steps."""

    known: Known
    newest: Sample | None = None


_NOTHING = _Found(Known())


def _has_news(rule: Verdict, found: _Found) -> bool:
    return bool(found.known.trends if isinstance(rule, TrendRule) else found.known.changes)


def _known(lake: Lake, matcher: Matcher[Any]) -> dict[Series, _Found]:
    found: dict[Series, _Found] = {}
    for row in _read(lake, _CHANGES, matcher):
        change = ChangeRow(row["changed_at"], row["before"], row["after"], row["commit_sha"], row["batch_id"])
        earlier = found.get(_series(row), _NOTHING).known.changes
        sample = Sample(change.changed_at, change.after)
        found[_series(row)] = _Found(Known(changes=(*earlier, change)), sample)
    for row in _read(lake, _TRENDS, matcher):
        trend = TrendRow(row["window_end"], row["last_value"], row["change_percent"], row["p_value"], row["batch_id"])
        steps = found.get(_series(row), _NOTHING).known.changes
        sample = Sample(trend.window_end, trend.last_value)
        found[_series(row)] = _Found(Known(changes=steps, trends=(trend,)), sample)
    return found


def _read(lake: Lake, sql: str, matcher: Matcher[Any]) -> list[dict[str, Any]]:
    if not matcher.metrics or not lake.exists:
        return []
    try:
        return lake.rows(sql, [list(matcher.metrics)])
    except duckdb.CatalogException:  # nothing has been assessed yet
        return []


def _series(row: Mapping[str, Any]) -> Series:
    return Series(row["metric"], row["project"], row["subject"], row["labels"])


_TRENDS = """
SELECT metric, project, subject, labels, window_end, last_value, change_percent, p_value, batch_id
FROM marts.metric_trends WHERE list_contains(?::VARCHAR[], metric)
"""
_CHANGES = """
SELECT metric, project, subject, labels, changed_at, before, after, commit_sha, batch_id
FROM marts.metric_changes WHERE list_contains(?::VARCHAR[], metric) ORDER BY changed_at
"""
