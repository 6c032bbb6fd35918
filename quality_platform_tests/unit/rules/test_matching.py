from __future__ import annotations

import pytest

from quality_platform.model.alerts import Series
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules.matching import matches, metric_of

DISK = Series("system.disk_percent", "shop", "host-1", '{"mount":"/"}')


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"metric_name": "system.disk_percent"}, True),
        ({"metric_name": "memory"}, False),
        ({"metric_name": "*"}, False),
        ({"project_id": "shop"}, True),
        ({"project_id": "sh*"}, True),
        ({"project_id": "Shop"}, False),
        ({"project_id": "shop-2"}, False),
        ({"subject": "host-?"}, True),
        ({"subject": "host-[12]"}, True),
        ({"subject": "host"}, False),
        ({"enabled": False}, True),
    ],
)
def test_matches(fields: dict[str, object], expected: bool) -> None:
    rule = ThresholdRule.model_validate({"metric_name": "disk", "operator": "above", "warning_threshold": 90, **fields})
    assert matches(rule, DISK) is expected


def test_a_subject_with_brackets_can_be_named() -> None:
    rule = ThresholdRule(metric_name="x", operator="above", warning_threshold=1, subject="worker[1]")
    assert matches(rule, Series("x", "shop", "worker[1]"))


@pytest.mark.parametrize(
    ("name", "metric"), [("code_coverage", "code.coverage_percent"), ("queue_depth", "queue_depth")]
)
def test_metric_of(name: str, metric: str) -> None:
    assert metric_of(ThresholdRule(metric_name=name, operator="above", warning_threshold=1)) == metric
