"""Tests of rules by files: the notation, what is compared, and that a wrong expectation is said."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from quality_platform.alerting.rehearsal import rehearse
from quality_platform.alerting.replaying.cases import CaseFile
from quality_platform.alerting.replaying.notation import values
from quality_platform.errors import UsageError
from quality_platform.model.rules import ThresholdRule
from quality_platform_tests.data.alerting import plan, webhook

HOT = {"metric_name": "cpu", "name": "hot", "warning_threshold": 80, "critical_threshold": 95, "for": "2m"}
CHANNELS = (webhook("all"), webhook("pager", severity_levels=["critical"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("1 2.5 -3", [1, 2.5, -3]),
        ("80x2", [80, 80, 80]),
        ("75+1x3", [75, 76, 77, 78]),
        ("-2+4x3", [-2, 2, 6, 10]),
        ("1-2x4", [1, -1, -3, -5, -7]),
        ("1e3 .5 5. 1e-3x1", [1000, 0.5, 5, 0.001, 0.001]),
        ("_ 1 _x3 stale", [None, 1, None, None, None, None]),
        ("1x0", [1]),
        ("_x0", []),
        ("Inf -Inf inf", [math.inf, -math.inf, math.inf]),
    ],
)
def test_values_expand_as_in_promtool(text: str, expected: list[float | None]) -> None:
    assert values(text) == expected


def test_nan_is_a_value() -> None:
    (found,) = values("NaN")
    assert found is not None
    assert math.isnan(found)


@pytest.mark.parametrize("text", ["x", "1y", "1+2", "1x", "x3", "1x-1", "--1", "1,2", "{{schema:1}}", "0x9999999"])
def test_what_is_no_value_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        values(text)


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(0, 50))
def test_a_run_is_a_line(first: int, step: int, times: int) -> None:
    assert values(f"{first}{step:+d}x{times}") == [first + step * place for place in range(times + 1)]


def run(text: str, *expect: dict[str, Any], **more: Any) -> Any:
    test = {
        "name": "a test",
        "input": [{"series": {"metric": "cpu", "project": "shop", "subject": "host"}, "values": text}],
        "expect": list(expect),
        **more,
    }
    file = CaseFile.model_validate({"rules": [HOT], "tests": [test]})
    known = ThresholdRule.model_validate(
        {"metric_name": "cpu", "name": "known", "critical_threshold": 1, "operator": "above"}
    )
    (outcome,) = rehearse(file, plan([known], CHANNELS))
    return outcome


@pytest.mark.parametrize(
    "expect",
    [
        {"at": "0s", "alerts": []},
        {"at": "4m", "alerts": []},
        {"at": "4m", "alerts": [{"status": "pending", "severity": "warning"}]},
        {"at": "5m", "alerts": [{"rule": "hot", "severity": "warning", "status": "active"}]},
        {"at": "5m", "alerts": [{"value": 85, "threshold": 80, "since": "5m", "project": "shop", "subject": "host"}]},
        {"at": "5m", "alerts": [{"labels": {"alertname": "hot"}, "channels": ["all"]}]},
        {"at": "7m", "alerts": [{"severity": "critical", "channels": ["pager", "all"]}]},
        {"at": "8m", "alerts": []},
        {"at": "8m", "alerts": [{"status": "resolved", "since": "8m"}]},
    ],
)
def test_an_alert_goes_its_way(expect: dict[str, Any]) -> None:
    outcome = run("70x2 85x3 99 60 _ NaN", expect)
    assert outcome.passed, outcome


@pytest.mark.parametrize(
    ("expect", "kinds"),
    [
        ({"at": "5m", "alerts": []}, ["extra"]),
        ({"at": "4m", "alerts": [{"rule": "hot"}]}, ["missing"]),
        ({"at": "5m", "alerts": [{"rule": "hot", "severity": "critical"}]}, ["missing", "extra"]),
        ({"at": "5m", "alerts": [{"rule": "hot"}, {"rule": "hot"}]}, ["missing"]),
        ({"at": "5m", "alerts": [{"value": 86}]}, ["missing", "extra"]),
        ({"at": "5m", "alerts": [{"channels": ["pager"]}]}, ["missing", "extra"]),
        ({"at": "9m", "alerts": [{"status": "pending"}]}, ["missing"]),
    ],
)
def test_a_wrong_expectation_is_said(expect: dict[str, Any], kinds: list[str]) -> None:
    outcome = run("70x2 85x3 99 60 _ NaN", expect)
    assert [each.kind for each in outcome.differences] == kinds
    assert not outcome.passed


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (["nothing"], "no rule 'nothing'"),
        ([{**HOT, "colour": "red"}], "colour"),
        ([{**HOT, "project_id": "other"}], "none of the series"),
        ([{**HOT, "warning_threshold": float("nan")}], "warning_threshold"),
    ],
)
def test_a_test_that_cannot_be_run_says_why(rules: list[Any], said: str) -> None:
    outcome = run("99x5", {"at": "1m", "alerts": []}, rules=rules)
    assert said in outcome.error


def test_rules_are_called_by_name_or_written_out() -> None:
    expect = {"at": "1m", "alerts": [{"rule": "known", "severity": "critical"}]}
    assert run("99x5", expect, rules=["known"]).passed
    loud = {
        "metric_name": "cpu",
        "name": "loud",
        "operator": "above",
        "warning_threshold": 1,
        "labels": {"team": "core"},
    }
    both = {"at": "1m", "alerts": [{"rule": "loud", "labels": {"team": "core"}}, {"rule": "known"}]}
    assert run("99x5", both, rules=["known", loud]).passed


def test_a_share_of_little_is_held_back() -> None:
    rule = {"metric_name": "share", "name": "share", "operator": "above", "warning_threshold": 5,
            "denominator_metric": "all", "min_denominator": 10}  # fmt: skip
    whole = {"series": {"metric": "all"}, "values": "5x2 50x3"}
    test = {"name": "a", "input": [{"series": {"metric": "share"}, "values": "9x6"}, whole],
            "expect": [{"at": "2m", "alerts": []}, {"at": "3m", "alerts": [{"rule": "share"}]}]}  # fmt: skip
    (outcome,) = rehearse(CaseFile.model_validate({"rules": [rule], "tests": [test]}), plan([]))
    assert outcome.passed, outcome


def test_as_prometheus_evaluates() -> None:
    """A value holds for five minutes where the rule is evaluated by a step."""
    outcome = run("85 _x9", {"at": "2m", "alerts": [{"rule": "hot"}]}, {"at": "9m", "alerts": [{"rule": "hot"}]},
                  evaluate_every="1m")  # fmt: skip
    assert [each.at for each in outcome.differences if each.kind == "missing"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tests": []},
        {"tests": [{"name": "a", "input": [], "expect": []}]},
        {"tests": [{"name": "a", "input": [{"series": {}, "values": "1"}], "expect": [{"at": "1m", "alerts": []}]}]},
        {"tests": [], "colour": "red"},
    ],
)
def test_a_file_that_is_none_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CaseFile.model_validate(body)
