"""Trend and regression rules over the verdicts of `detection/`: from what is remembered and read to judgements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from quality_platform.alerting.conditions.history import latest
from quality_platform.alerting.conditions.judgement import Judgement
from quality_platform.alerting.plan import Matcher, Plan
from quality_platform.model.alerts import RuleState, Sample, Series
from quality_platform.model.rules import RegressionRule, TrendRule
from quality_platform.rules import regression, trend
from quality_platform.rules.levels import Judged
from quality_platform.rules.regression import ChangeRow
from quality_platform.rules.trend import TrendRow
from quality_platform.state.rule_states import NEW
from quality_platform.warehouse.lake import Lake

States = Mapping[tuple[str, Series], RuleState]


def judge_trends(plan: Plan, lake: Lake, states: States) -> Iterator[Judgement]:
    """Judge every series that has a trend, or had one that still fires."""
    matcher = Matcher(plan.rules_of(TrendRule), plan)
    rows = {_series(row): _trend(row) for row in _read(lake, _TRENDS, matcher)}
    newest = latest(lake, _firing(states) - rows.keys())
    for series in rows.keys() | newest.keys():
        metric = plan.metric(series.metric)
        for key, rule in matcher.of(series):
            before, row = states.get((key, series), NEW), rows.get(series)
            sample = Sample(row.window_end, row.last_value) if row else newest[series]
            judged = trend.evaluate(rule, before, row, latest=sample, direction=metric.direction, unit=metric.unit)
            yield from _told(Judgement(key, "trend_degradation", series, before, *judged))


def judge_regressions(plan: Plan, lake: Lake, states: States, now: datetime) -> Iterator[Judgement]:
    """Judge every series that has a step, or had one that still fires."""
    matcher = Matcher(plan.rules_of(RegressionRule), plan)
    steps: dict[Series, list[ChangeRow]] = {}
    for row in _read(lake, _CHANGES, matcher):
        steps.setdefault(_series(row), []).append(_change(row))
    firing = _firing(states)
    newest = latest(lake, firing)
    for series in steps.keys() | (firing & newest.keys()):
        metric = plan.metric(series.metric)
        for key, rule in matcher.of(series):
            before, rows = states.get((key, series), NEW), steps.get(series, [])
            sample = newest[series] if series in newest else Sample(rows[-1].changed_at, rows[-1].after)
            judged: Judged = regression.evaluate(
                rule, before, rows, latest=sample, now=now, direction=metric.direction, unit=metric.unit
            )
            yield from _told(Judgement(key, "regression", series, before, *judged))


def _told(judgement: Judgement) -> Iterator[Judgement]:
    """Only what changed a level: a verdict that is judged again and again needs no memory of each time."""
    if judgement.transitions:
        yield judgement


def _firing(states: States) -> frozenset[Series]:
    return frozenset(series for (_, series), state in states.items() if state.level != "ok")


def _read(lake: Lake, sql: str, matcher: Matcher[Any]) -> list[dict[str, Any]]:
    if not matcher.metrics or not lake.exists:
        return []
    return lake.rows(sql, [list(matcher.metrics)])


def _series(row: Mapping[str, Any]) -> Series:
    return Series(row["metric"], row["project"], row["subject"], row["labels"])


def _trend(row: Mapping[str, Any]) -> TrendRow:
    return TrendRow(row["window_end"], row["last_value"], row["change_percent"], row["p_value"], row["batch_id"])


def _change(row: Mapping[str, Any]) -> ChangeRow:
    return ChangeRow(row["changed_at"], row["before"], row["after"], row["commit_sha"], row["batch_id"])


_TRENDS = """
SELECT metric, project, subject, labels, window_end, last_value, change_percent, p_value, batch_id
FROM marts.metric_trends WHERE list_contains(?::VARCHAR[], metric)
"""
_CHANGES = """
SELECT metric, project, subject, labels, changed_at, before, after, commit_sha, batch_id
FROM marts.metric_changes WHERE list_contains(?::VARCHAR[], metric) ORDER BY changed_at
"""
