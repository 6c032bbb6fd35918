"""Which series a rule speaks of."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase

from quality_platform.model.alerts import Series
from quality_platform.model.matchers import parsed_all
from quality_platform.model.metrics import CATALOGUE
from quality_platform.model.rules import RuleBase


def matches(rule: RuleBase, series: Series) -> bool:
    """Whether metric, project, subject and labels fit. A disabled rule still has its series."""
    return (
        metric_of(rule) == series.metric
        and _fits(rule.project_id, series.project)
        and _fits(rule.subject, series.subject)
        and (not rule.labels_match or _labels_fit(rule.labels_match, series.labels))
    )


def named(rule: RuleBase) -> Series | None:
    """The one series that a rule names; None where it speaks of any that there may be."""
    if _GLOB & {*rule.project_id, *rule.subject} or rule.labels_match:
        return None
    return Series(metric_of(rule), rule.project_id, rule.subject)


def metric_of(rule: RuleBase) -> str:
    """The full name of the rule's metric: aliases resolved, a metric that is not catalogued as it is written."""
    metric = CATALOGUE.find(rule.metric_name)
    return rule.metric_name if metric is None else metric.name


def _fits(pattern: str, text: str) -> bool:
    """A glob, or the text itself: a subject such as `worker[1]` must be nameable."""
    return pattern == text or fnmatchcase(text, pattern)


def _labels_fit(matchers: tuple[str, ...], labels: str) -> bool:
    found = {name: str(value) for name, value in json.loads(labels).items()}
    return all(matcher.matches(found) for matcher in parsed_all(matchers))


_GLOB = frozenset("*?[")
