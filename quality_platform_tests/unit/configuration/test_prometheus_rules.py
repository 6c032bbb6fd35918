"""Rules of Prometheus as rules of ours: what is kept, what is noted, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from typer import Typer
from typer.testing import CliRunner

from quality_platform.cli import rules_import
from quality_platform.configuration.prometheus_rules import Converted, converted, distinct
from quality_platform.errors import ConfigurationError
from quality_platform.model.configuration import QualityConfig


def file(*rules: dict[str, Any], **group: Any) -> str:
    return yaml.safe_dump({"groups": [{"name": "g", **group, "rules": list(rules)}]})


def one(**rule: Any) -> Converted:
    (found,), refused = converted(file({"alert": "A", **rule}))
    assert not refused
    return found


def reason(**rule: Any) -> str:
    found, (refused,) = converted(file({"alert": "A", **rule}))
    assert not found
    return refused.reason


def test_everything_that_is_said_is_kept() -> None:
    found = one(
        expr='load{job="node",instance="web-1"} > 4',
        **{"for": "5m", "keep_firing_for": "1h30m"},
        labels={"severity": "critical", "team": "infra"},
        annotations={"summary": "Load"},
    )

    assert found.rule == {
        "name": "A", "type": "threshold_violation", "metric_name": "load", "operator": "above", "critical_threshold": 4.0,
        "for": "5m", "keep_firing_for": "1h30m", "no_data": "ok", "stale_after": "5m", "subject": "web-1",
        "labels_match": ['job="node"'], "labels": {"team": "infra"}, "annotations": {"summary": "Load"},
    }  # fmt: skip
    assert found.notes == ()


def test_absence_waits_for_the_lookback_and_the_wait() -> None:
    found = one(expr="absent(up)", **{"for": "10m"}, labels={"severity": "critical"})

    assert found.rule == {
        "name": "A",
        "type": "absence",
        "stale_after": "15m",
        "severity": "critical",
        "metric_name": "up",
    }
    assert "each series" in found.notes[0]


@pytest.mark.parametrize(
    ("labels", "field", "notes"),
    [({}, "warning_threshold", 0), ({"severity": "warning"}, "warning_threshold", 0),
     ({"severity": "critical"}, "critical_threshold", 0), ({"severity": "page"}, "warning_threshold", 1)],
)  # fmt: skip
def test_severity(labels: dict[str, str], field: str, notes: int) -> None:
    found = one(expr="a > 1", labels=labels)

    assert found.rule[field] == 1.0
    assert "labels" not in found.rule
    assert len(found.notes) == notes


def test_what_is_to_be_known_is_noted() -> None:
    assert "{{ }}" in one(expr="a > 1", annotations={"summary": "{{ $value }}"}).notes[0]
    assert "next to 1" in one(expr="a >= 1").notes[0]


def test_labels_of_the_group_are_the_rules_unless_it_has_its_own() -> None:
    (found,), _ = converted(
        file({"alert": "A", "expr": "a > 1", "labels": {"x": "rule"}}, labels={"x": "group", "y": "group"})
    )

    assert found.rule["labels"] == {"x": "rule", "y": "group"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"expr": "rate(a[5m]) > 1"}, "function rate"),
        ({"expr": "a > 1", "for": "soon"}, "for"),
        ({"expr": "a > NaN"}, "threshold"),
        ({"expr": "a > Inf"}, "threshold"),
        ({"expr": 'a{instance=~"web.*"} > 1'}, "instances"),
        ({"expr": 'a{instance=""} > 1'}, "instances"),
        ({"expr": "absent(a)", "for": "soon"}, "for"),
        ({"expr": "absent(a)", "keep_firing_for": "5m"}, "keeps firing"),
        ({"expr": "a > 1", "labels": {"bad-name": "x"}}, "labels"),
        ({"expr": f'a{{x="{"y" * 1001}"}} > 1'}, "labels_match"),
        ({}, "not PromQL"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_the_reason(rule: dict[str, Any], expected: str) -> None:
    assert expected in reason(**rule)


def test_recording_rules_are_refused_by_name() -> None:
    _, (refused,) = converted(file({"record": "a:b", "expr": "sum(a)"}))

    assert (refused.group, refused.alert) == ("g", "a:b")


@pytest.mark.parametrize("text", ["", "[]", "a: [", "groups: 5", "rules: []", "\x00", "[" * 5000])
def test_what_is_no_rule_file(text: str) -> None:
    with pytest.raises(ConfigurationError):
        converted(text)


@pytest.mark.parametrize("text", ["groups: []", "groups: [5, {rules: 7}, {rules: [5]}]"])
def test_what_has_no_rules(text: str) -> None:
    assert converted(text) == ((), ())


def test_names_are_made_distinct_by_severity_and_then_by_number() -> None:
    rules, _ = converted(
        file(
            *(
                {"alert": "A", "expr": "a > 1", "labels": {"severity": s}}
                for s in ("warning", "critical", "critical", "critical")
            )
        )
    )

    assert [each.rule["name"] for each in distinct(rules)] == ["A", "A (critical)", "A 2", "A 3"]


def test_the_verb_prints_a_section_that_is_a_configuration(tmp_path: Any) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(
        file({"alert": "A", "expr": "a > 1"}, {"alert": "A", "expr": "absent(a)"}, {"record": "a:b", "expr": "sum(a)"})
    )
    app = Typer()
    app.command()(rules_import.command)

    done = CliRunner().invoke(app, [str(path), str(path)])

    assert done.exit_code == 0, done.output
    section = yaml.safe_load(done.stdout)
    assert [rule.key for rule in QualityConfig.model_validate(section).rules or ()] == [
        "A",
        "A (warning)",
        "A 2",
        "A 3",
    ]
    assert "4 converted, 2 not." in done.stderr
    assert "g / a:b: it records" in done.stderr
    assert CliRunner().invoke(app, [str(path), "--strict"]).exit_code == 1
    assert CliRunner().invoke(app, [str(path), "--json"]).stdout.startswith("{")
    assert CliRunner().invoke(app, [str(tmp_path / "gone.yml")]).exception is not None
