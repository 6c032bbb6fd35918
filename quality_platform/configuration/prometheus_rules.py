"""Alerting rules of Prometheus as rules of ours, where both mean the same; the others with the reason why not.

Belongs here: groups and rules of a rule file, and what becomes of their words. Does not belong here: the expressions
(`promql.py`), files and printing (`cli/rules_import.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from quality_platform.configuration.promql import Absence, Comparison, UnsupportedError, question
from quality_platform.errors import ConfigurationError
from quality_platform.model.durations import seconds, written

if TYPE_CHECKING:
    from pydantic import TypeAdapter

LOOKBACK = timedelta(minutes=5)
"""How long Prometheus takes a series to be as it was last."""

SEVERITIES = ("warning", "critical")


@dataclass(frozen=True, slots=True)
class Converted:
    """One rule, as it is written in `quality.yaml`, and what is to be known about it."""

    group: str
    alert: str
    rule: Mapping[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """One rule that cannot be converted, and why."""

    group: str
    alert: str
    reason: str


def converted(text: str) -> tuple[tuple[Converted, ...], tuple[Refused, ...]]:
    """The rules of a rule file, in its order. Raises ConfigurationError for what is none."""
    found: list[Converted] = []
    refused: list[Refused] = []
    for group, rule in _rules(text):
        name = str(rule.get("alert") or rule.get("record") or "")
        try:
            found.append(_checked(_converted(group, name, rule)))
        except UnsupportedError as error:
            refused.append(Refused(group, name, str(error)))
    return tuple(found), tuple(refused)


def distinct(rules: tuple[Converted, ...]) -> tuple[Converted, ...]:
    """`rules` under names that are there once: with the severity, or else a number, behind those that come again."""
    taken: set[str] = set()
    found = []
    for each in rules:
        level = "critical" if "critical_threshold" in each.rule else each.rule.get("severity", "warning")
        names = (
            each.alert,
            f"{each.alert} ({level})",
            *(f"{each.alert} {number}" for number in range(2, len(rules) + 2)),
        )
        name = next(name for name in names if name not in taken)
        taken.add(name)
        found.append(replace(each, rule={**each.rule, "name": name}))
    return tuple(found)


def _rules(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every rule with the name of its group, the group's labels among its own."""
    groups = _read(text).get("groups")
    if not isinstance(groups, list):
        raise ConfigurationError("This is no rule file of Prometheus: it has no list of groups.")
    for group in groups:
        rules = group.get("rules") if isinstance(group, dict) else None
        for rule in rules if isinstance(rules, list) else ():
            if isinstance(rule, dict):
                labels = {**_words(group.get("labels")), **_words(rule.get("labels"))}
                yield str(group.get("name", "")), {**rule, "labels": labels}


def _read(text: str) -> Mapping[str, Any]:
    import yaml

    try:
        found = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(f"This is not YAML: {error}") from error
    return found if isinstance(found, dict) else {}


def _converted(group: str, name: str, rule: Mapping[str, Any]) -> Converted:
    if "alert" not in rule:
        raise UnsupportedError("it records a metric, and alerts of nothing")
    asked = question(str(rule.get("expr", "")))
    labels, notes = dict(rule["labels"]), []
    severity = labels.pop("severity", "")
    if severity and severity not in SEVERITIES:
        notes.append(f"its severity {severity!r} is unknown here: it is a warning")
    level = severity if severity in SEVERITIES else "warning"
    judged = _threshold(asked, level, rule) if isinstance(asked, Comparison) else _absence(level, rule)
    annotations = _words(rule.get("annotations"))
    if any("{{" in value for value in (*annotations.values(), *labels.values())):
        notes.append("its templates in {{ }} are shown as they are written")
    if isinstance(asked, Absence):
        notes.append("it fires for each series that stops, not only when the last one has")
    elif not asked.strict:
        notes.append(f"its threshold is the number next to {asked.threshold:g}, because ours are strict")
    words = {key: value for key, value in (("labels", labels), ("annotations", annotations)) if value}
    return Converted(group, name, {"name": name, **judged, **_scope(asked), **words}, tuple(notes))


def _threshold(asked: Comparison, level: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "threshold_violation", "metric_name": asked.selector.metric, "operator": asked.side,
        f"{level}_threshold": asked.bound,
    }  # fmt: skip
    found |= {name: str(rule[name]) for name in ("for", "keep_firing_for") if name in rule}
    # what is not there is false in Prometheus
    return {**found, "no_data": "ok", "stale_after": written(LOOKBACK)}


def _absence(level: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    if "keep_firing_for" in rule:
        raise UnsupportedError("it keeps firing after the series is back")
    held = seconds(str(rule.get("for", "0s")))
    if held is None:
        raise UnsupportedError(f"for: {rule['for']!r} is no length of time")
    return {"type": "absence", "stale_after": written(LOOKBACK + timedelta(seconds=held)), "severity": level}


def _scope(asked: Comparison | Absence) -> dict[str, Any]:
    """Metric, subject and labels. What sends its samples to us has the label `instance` become the subject."""
    found: dict[str, Any] = {"metric_name": asked.selector.metric}
    instances = [each for each in asked.selector.matchers if each.name == "instance"]
    if len(instances) > 1 or any(each.operator != "=" or not each.value for each in instances):
        raise UnsupportedError("it selects instances by more than a name; they are subjects here")
    if instances:
        found["subject"] = instances[0].value
    others = [str(each) for each in asked.selector.matchers if each.name != "instance"]
    return {**found, "labels_match": others} if others else found


def _checked(found: Converted) -> Converted:
    """`found`, if our own configuration accepts it."""
    from pydantic import ValidationError

    try:
        _adapter().validate_python(dict(found.rule))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        raise UnsupportedError(f"{field}: {first['msg'].removeprefix('Value error, ')}") from error
    return found


@cache
def _adapter() -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    from quality_platform.model.rules import RuleConfig

    return TypeAdapter(RuleConfig)


def _words(found: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
