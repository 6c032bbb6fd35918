"""The thresholds of rules, as plots draw them and forecasts are held against them.

Does not belong here: judging by them (`conditions/thresholds.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from quality_platform.alerting.plan import Matcher, Plan
from quality_platform.model.alerts import Series
from quality_platform.model.limit import Limit
from quality_platform.model.rules import ThresholdRule


def limits(plan: Plan) -> Callable[[Series], tuple[Limit, ...]]:
    """What rules in force hold against a series, the first to be reached first."""
    matcher = Matcher(plan.rules_of(ThresholdRule), plan)

    def of(series: Series) -> tuple[Limit, ...]:
        found = [limit for key, rule in matcher.of(series) for limit in _limits(key, rule)]
        return tuple(sorted(found, key=lambda limit: limit.threshold if limit.side == "above" else -limit.threshold))

    return of


def _limits(key: str, rule: ThresholdRule) -> Iterator[Limit]:
    if rule.warning_threshold is not None:
        yield Limit(key, "warning", rule.warning_threshold, rule.side)
    if rule.critical_threshold is not None:
        yield Limit(key, "critical", rule.critical_threshold, rule.side)


def thresholds(plan: Plan) -> Callable[[Series], float | None]:
    """The threshold of a series that is reached first; None where no rule has one."""
    of = limits(plan)
    return lambda series: next((limit.threshold for limit in of(series)), None)
