"""What may be written as a rule, and which field is named when it may not."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from quality_platform.model.alerts import Series
from quality_platform.model.rules import BurnRateRule, RuleConfig, ThresholdRule
from quality_platform.rules.matching import matches, named

ADAPTER: TypeAdapter[RuleConfig] = TypeAdapter(RuleConfig)
REQUIRED = {
    "metric_name": "code_coverage", "warning_threshold": 70.0, "critical_threshold": 50.0, "trend_window_minutes": 60,
    "min_samples": 3, "enabled": True,
}  # fmt: skip
WHOLE = {
    **REQUIRED, "id": "01J", "name": "Coverage low", "type": "threshold_violation", "project_id": "*",
    "labels_match": ["env=prod"], "operator": "below", "agg": "last", "warning_clear": 72.0, "critical_clear": 55.0,
    "for": "0s", "keep_firing_for": "0s", "no_data": "keep", "stale_after": "26h", "min_denominator": 20,
    "flap": {"transitions": 6, "window": "30m", "stable_for": "10m"}, "repeat_interval": "4h",
    "group_by": ["project_id", "rule"], "labels": {"team": "core"},
    "annotations": {"summary": "…", "runbook_url": "https://example.org"}, "escalation_policy": "default",
    "gate": "warn", "version": 3,
}  # fmt: skip


def test_the_example_of_the_interface_is_a_rule_as_it_stands() -> None:
    rule = ADAPTER.validate_python(REQUIRED)
    assert isinstance(rule, ThresholdRule)
    assert rule.side == "below"


@pytest.mark.parametrize(
    "body",
    [
        WHOLE,
        {"type": "regression", "metric_name": "x", "baseline": {"kind": "median_runs", "n": 5, "max_drop": 2.0, "mode": "absolute"}},
        {"type": "trend_degradation", "metric_name": "x", "trend": {"method": "theil_sen", "min_slope_per_day": -0.5, "min_r": 0.6}},
        {"type": "improvement", "metric_name": "x"},
        {"type": "anomaly", "metric_name": "x", "for": "PT5M"},
        {"type": "absence", "metric_name": "x"},
        {"type": "heartbeat", "metric_name": "x", "every": "1d"},
        {"type": "burn_rate", "metric_name": "x", "objective": 99.9},
    ],
)  # fmt: skip
def test_every_type_survives_being_written_and_read(body: dict[str, object]) -> None:
    rule = ADAPTER.validate_python(body)
    assert ADAPTER.validate_json(ADAPTER.dump_json(rule, by_alias=True)) == rule
    assert ADAPTER.validate_python(ADAPTER.dump_python(rule, by_alias=True)) == rule


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"warning_threshold": 50}, "operator"),
        ({"critical_threshold": None}, "operator"),
        ({"warning_threshold": None, "critical_threshold": None}, "critical_threshold"),
        ({"operator": "above"}, "operator"),
        ({"warning_threshold": math.nan}, "warning_threshold"),
        ({"critical_threshold": -math.inf}, "critical_threshold"),
        ({"warning_clear": 69}, "warning_clear"),
        ({"critical_clear": 49}, "critical_clear"),
        ({"critical_threshold": None, "operator": "below", "critical_clear": 60}, "critical_clear"),
        ({"warnin_threshold": 1}, "warnin_threshold"),
        ({"min_samples": 0}, "min_samples"),
        ({"for": "soon"}, "for"),
        ({"for": "-5m"}, "for"),
        ({"for": -5}, "for"),
        ({"for": "999999999w"}, "for"),
        ({"keep_firing_for": "11000d"}, "keep_firing_for"),
        ({"stale_after": "0s"}, "stale_after"),
        ({"no_data": "panic"}, "no_data"),
        ({"labels_match": ["a b"]}, "labels_match"),
        ({"labels_match": ["a=~(?=x)"]}, "labels_match"),
        ({"labels": {"no-dash": "x"}}, "labels"),
        ({"flap": {"windows": "5m"}}, "flap"),
        ({"gate": "maybe"}, "gate"),
        ({"metric_name": "queue", "min_denominator": 5}, "min_denominator"),
        ({"type": "surprise"}, None),
        ({"type": "regression"}, "warning_threshold"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, object], field: str | None) -> None:
    with pytest.raises(ValidationError) as refused:
        ADAPTER.validate_python({**REQUIRED, **changes})
    assert field is None or field in {part for error in refused.value.errors() for part in error["loc"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "burn_rate", "objective": 100}, "objective"),
        ({"type": "burn_rate", "objective": 99, "min_denominator": 5}, "min_denominator"),
        ({"type": "burn_rate", "objective": 99, "windows": [{"long": "5m", "short": "1h", "factor": 2}]}, "short"),
        ({"type": "regression", "warning_percent": 5, "critical_percent": 4}, "critical_percent"),
        ({"type": "regression", "baseline": {"max_drop": 5, "critical_drop": 4}}, "critical_drop"),
        ({"type": "anomaly", "warning_score": 5, "critical_score": 4}, "critical_score"),
        ({"type": "improvement", "escalation_policy": "wake"}, "escalation_policy"),
        ({"type": "heartbeat"}, "every"),
        ({"type": "absence", "severity": "info"}, "severity"),
    ],
)
def test_contradictions_of_other_types(body: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ADAPTER.validate_python({"metric_name": "x", **body})
    assert field in {part for error in refused.value.errors() for part in error["loc"]}


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("5m", 300), ("2h", 7200), ("1d", 86_400), ("0s", 0), ("PT5M", 300), (90, 90), ("1h30m", 5400)],
)
def test_durations(written: object, seconds: float) -> None:
    rule = ThresholdRule.model_validate({**REQUIRED, "for": written})
    assert rule.for_ == timedelta(seconds=seconds)


def test_the_workbook_is_the_default() -> None:
    rule = BurnRateRule(metric_name="x", objective=99.9)
    assert [(each.long, each.short, each.factor) for each in rule.windows] == [
        (timedelta(hours=1), timedelta(minutes=5), 14.4),
        (timedelta(hours=6), timedelta(minutes=30), 6.0),
        (timedelta(days=3), timedelta(hours=6), 1.0),
    ]


@pytest.mark.parametrize(
    ("matchers", "labels", "expected"),
    [
        (["env=prod"], '{"env":"prod"}', True),
        (["env=prod"], '{"env":"test"}', False),
        (["env=prod"], "{}", False),
        (["env!=prod"], "{}", True),
        (["env=~prod|test", "zone=a"], '{"env":"test","zone":"a"}', True),
        (["env=~prod|test", "zone=a"], '{"env":"test"}', False),
    ],
)
def test_labels_choose_series(matchers: list[str], labels: str, expected: bool) -> None:
    rule = ThresholdRule.model_validate({**REQUIRED, "labels_match": matchers})
    assert matches(rule, Series("code.coverage_percent", "shop", "shop", labels)) is expected


def test_keys() -> None:
    assert ADAPTER.validate_python(REQUIRED).key == "threshold_violation:code_coverage:*:*"
    assert ADAPTER.validate_python({**REQUIRED, "name": "Low"}).key == "Low"
    both = ADAPTER.validate_python({**REQUIRED, "name": "Low", "id": "a1"})
    assert (both.key, both.title) == ("a1", "Low")
    scoped = ADAPTER.validate_python({**REQUIRED, "labels_match": ["env=prod"]})
    assert scoped.key == "threshold_violation:code_coverage:*:*:env=prod"


def test_a_rule_may_name_one_series() -> None:
    exact = ADAPTER.validate_python({**REQUIRED, "project_id": "shop", "subject": "api"})
    assert named(exact) == Series("code.coverage_percent", "shop", "api")
    assert named(ADAPTER.validate_python({**REQUIRED, "project_id": "shop"})) is None
