"""Burn rate rules over a lake: windows of days are summed where the samples are.

Belongs here: reading the sums. Does not belong here: what is too much (`rules/burn_rate.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import duckdb

from quality_platform.alerting.conditions.grains import SAMPLE
from quality_platform.alerting.conditions.judgement import Judgement
from quality_platform.alerting.conditions.relations import MART, Relation
from quality_platform.alerting.plan import Matcher, Plan
from quality_platform.model.alerts import RuleState, Sample, Series
from quality_platform.model.rules import BurnRateRule
from quality_platform.rules import budget, burn_rate
from quality_platform.rules.matching import metric_of
from quality_platform.state.rule_states import NEW
from quality_platform.warehouse.lake import Lake

States = Mapping[tuple[str, Series], RuleState]


def judge(plan: Plan, lake: Lake, states: States, now: datetime, relation: Relation = MART) -> Iterator[Judgement]:
    """Judge every series that had an observation of late. What has merely gone on is not mentioned."""
    rules = plan.rules_of(BurnRateRule)
    matcher = Matcher(rules, plan)
    for key, rule in rules.items():
        unit = plan.metric(metric_of(rule)).unit
        for row in _read(lake, rule, plan, now, relation):
            series = Series(metric_of(rule), row["project"], row["subject"], row["labels"])
            if not any(each == key for each, _ in matcher.of(series)):
                continue
            before = states.get((key, series), NEW)
            latest = Sample(row["newest"], row["latest"])
            after, told = burn_rate.evaluate(rule, before, budget.spent_of(rule, _windows(rule, row), unit), latest)
            if not told:
                after, told = burn_rate.elapse(rule, after, now, latest)
            if told or replace(before, evaluated_to=after.evaluated_to) != after:
                yield Judgement(key, rule.type, series, before, after, told)


def _windows(rule: BurnRateRule, row: Mapping[str, Any]) -> dict[timedelta, budget.Summed]:
    return {
        length: budget.Summed(row[f"part_{place}"], row[f"count_{place}"], row[f"total_{place}"])
        for place, length in enumerate(budget.lengths(rule))
    }


def _read(
    lake: Lake, rule: BurnRateRule, plan: Plan, now: datetime, relation: Relation
) -> list[dict[str, Any]]:  # fmt: skip
    if not lake.exists:
        return []
    total = plan.metric(rule.total_metric).name if rule.total_metric else None
    lengths = budget.lengths(rule)
    columns = ",\n".join(_COLUMNS.format(place=place) for place in range(len(lengths)))
    since = now - lengths[-1] - (SAMPLE.lookback or timedelta(0))
    seconds = [length.total_seconds() for length in lengths for _ in range(3)]
    parameters = [metric_of(rule), total, *relation.parameters, since, now, *seconds]
    try:
        return lake.rows(_SQL.format(relation=relation.sql, columns=columns), parameters)
    except duckdb.CatalogException:  # the first transformation has not run
        return []


_COLUMNS = """
    coalesce(sum(value) FILTER (counted AND observed_at > newest - to_seconds(?::DOUBLE)), 0) AS part_{place},
    count(value) FILTER (counted AND observed_at > newest - to_seconds(?::DOUBLE)) AS count_{place},
    coalesce(sum(value) FILTER (NOT counted AND observed_at > newest - to_seconds(?::DOUBLE)), 0) AS total_{place}
"""
_SQL = """
WITH asked AS (SELECT ?::VARCHAR AS metric, ?::VARCHAR AS total),
observed AS (
    SELECT o.project, o.subject, o.labels, o.observed_at, o.metric = asked.metric AS counted,
           CASE WHEN isfinite(o.value) THEN o.value END AS value
    FROM {relation} AS o JOIN asked ON o.metric = asked.metric OR o.metric = asked.total
    WHERE o.observed_at > ?::TIMESTAMPTZ AND o.observed_at <= ?::TIMESTAMPTZ
),
placed AS (
    SELECT *, max(observed_at) FILTER (counted) OVER (PARTITION BY project, subject, labels) AS newest
    FROM observed
)
SELECT project, subject, labels, newest,
       coalesce(arg_max(value, observed_at) FILTER (counted), 'nan'::DOUBLE) AS latest,
       {columns}
FROM placed
WHERE newest IS NOT NULL AND observed_at <= newest
GROUP BY ALL
ORDER BY ALL
"""
