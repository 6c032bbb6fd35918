"""Which series a rule speaks of."""

from __future__ import annotations

from fnmatch import fnmatchcase

from quality_platform.model.alerts import Series
from quality_platform.model.metrics import CATALOGUE
from quality_platform.model.rules import RuleBase


def matches(rule: RuleBase, series: Series) -> bool:
    """Whether metric, project and subject fit. `enabled` is not looked at: a disabled rule still has its series."""
    return (
        metric_of(rule) == series.metric
        and _fits(rule.project_id, series.project)
        and _fits(rule.subject, series.subject)
    )


def metric_of(rule: RuleBase) -> str:
    """The full name of the rule's metric: aliases resolved, a metric that is not catalogued as it is written."""
    metric = CATALOGUE.find(rule.metric_name)
    return rule.metric_name if metric is None else metric.name


def _fits(pattern: str, text: str) -> bool:
    """A glob, or the text itself: a subject such as `worker[1]` must be nameable."""
    return pattern == text or fnmatchcase(text, pattern)
