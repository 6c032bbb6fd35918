"""The rules in force when `quality.yaml` names none.

They are meant to be true on the first run of a stranger's project: levels that hardly anybody calls good,
steps and drifts beyond ordinary development. What is a matter of taste (complexity, findings) has no level
here, only a step or a drift.
"""

from __future__ import annotations

from datetime import timedelta

from quality_platform.model.rules import Operator, RegressionRule, RuleConfig, ThresholdRule, TrendRule

TEN_MINUTES = timedelta(minutes=10)


def _level(
    name: str,
    metric: str,
    side: Operator,
    warning: float,
    critical: float,
    *,
    clear: tuple[float, float] | None = None,
    hold: timedelta = timedelta(0),
) -> ThresholdRule:
    return ThresholdRule(
        name=name,
        metric_name=metric,
        operator=side,
        warning_threshold=warning,
        critical_threshold=critical,
        warning_clear=clear[0] if clear else None,
        critical_clear=clear[1] if clear else None,
        for_=hold,
    )


LEVELS = (
    _level("CPU busy", "system.cpu_percent", "above", 85, 95, clear=(75, 90), hold=TEN_MINUTES),
    _level("Memory short", "system.memory_percent", "above", 90, 95, clear=(85, 92), hold=TEN_MINUTES),
    _level("Disk filling up", "system.disk_percent", "above", 85, 95, clear=(83, 93)),
    _level("Test coverage low", "code.coverage_percent", "below", 70, 50),
    # 20 and 10 are the bounds of radon's ranks A and B.
    _level("Maintainability low", "code.maintainability_index", "below", 20, 10),
    # 20 and 50 per cent are the bounds of the debt ratings C and D.
    _level("Technical debt high", "code.debt_ratio", "above", 20, 50),
    _level("Security score low", "security.score", "below", 70, 40),
    _level("Advisories old", "security.advisories_age", "above", 7, 30),
    _level("Files not analysed", "code.analysed_percent", "below", 99, 90),
)

# Metric, and what a step and a drift must reach: (warning, critical) in per cent of the level before.
DEGRADATIONS: tuple[tuple[str, str, tuple[float, float], tuple[float, float]], ...] = (
    ("Test coverage", "code.coverage_percent", (2, 10), (5, 15)),
    ("Maintainability", "code.maintainability_index", (3, 10), (5, 15)),
    ("Complexity density", "code.complexity_per_100_lines", (5, 15), (10, 25)),
    ("Serious findings", "code.findings_high", (20, 100), (30, 150)),
    ("Technical debt ratio", "code.debt_ratio", (10, 30), (15, 50)),
    ("Security score", "security.score", (5, 15), (10, 25)),
    ("Errors per hour", "errors.events", (100, 400), (100, 400)),
)

REGRESSIONS = tuple(
    RegressionRule(name=f"{title}: step", metric_name=metric, warning_percent=step[0], critical_percent=step[1])
    for title, metric, step, _ in DEGRADATIONS
)
DRIFTS = tuple(
    TrendRule(name=f"{title}: drift", metric_name=metric, warning_percent=drift[0], critical_percent=drift[1])
    for title, metric, _, drift in DEGRADATIONS
)

DEFAULT_RULES: tuple[RuleConfig, ...] = (*LEVELS, *REGRESSIONS, *DRIFTS)
