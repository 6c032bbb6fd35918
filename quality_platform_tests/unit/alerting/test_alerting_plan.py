"""What of the configuration is in force."""

from __future__ import annotations

import pytest

from quality_platform.alerting.plan import Matcher, Plan
from quality_platform.errors import ConfigurationError
from quality_platform.model.alerts import Series
from quality_platform.model.configuration import ProjectConfig, QualityConfig
from quality_platform.model.rules import RegressionRule, ThresholdRule
from quality_platform.rules.defaults import DEFAULT_RULES
from quality_platform_tests.data.alerting import CPU, plan

BUSY = ThresholdRule(name="busy", metric_name="cpu", warning_threshold=80, critical_threshold=90)
STEP = RegressionRule(metric_name="coverage")


def test_without_rules_the_defaults_are_in_force_and_an_empty_list_means_none() -> None:
    assert list(Plan.of(QualityConfig()).rules) == [rule.key for rule in DEFAULT_RULES]
    assert Plan.of(QualityConfig(rules=())).rules == {}


def test_disabled_rules_are_not_in_it_and_rules_can_be_had_by_kind() -> None:
    made = plan([BUSY, STEP, BUSY.model_copy(update={"name": "off", "enabled": False})])
    assert list(made.rules_of(ThresholdRule)) == ["busy"]
    assert list(made.rules_of(RegressionRule)) == ["regression:coverage:*:*"]


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="two rules called 'busy'"):
        plan([BUSY, BUSY])


def test_a_paused_or_archived_project_has_no_rules() -> None:
    projects = [
        ProjectConfig(id="live"),
        ProjectConfig(id="off", status="paused"),
        ProjectConfig(id="old", status="archived"),
    ]
    made = plan([BUSY], projects=projects)
    matcher = Matcher(made.rules_of(ThresholdRule), made)
    found = {
        project: [key for key, _ in matcher.of(Series(CPU, project, "host"))]
        for project in ("live", "off", "old", "new")
    }
    assert found == {"live": ["busy"], "off": [], "old": [], "new": ["busy"]}


def test_an_alias_finds_its_metric_and_a_subject_its_rule() -> None:
    made = plan([BUSY.model_copy(update={"subject": "db-*"})])
    matcher = Matcher(made.rules_of(ThresholdRule), made)
    assert list(matcher.metrics) == [CPU]
    assert [bool(matcher.of(Series(CPU, "shop", subject))) for subject in ("db-1", "web-1")] == [True, False]


def test_a_metric_outside_the_catalogue_promises_nothing() -> None:
    metric = plan([]).metric("queue.length")
    assert (metric.title, metric.unit, metric.direction, metric.grain) == ("queue.length", "", "neutral", "sample")
