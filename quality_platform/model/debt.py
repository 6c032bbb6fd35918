"""What technical debt is counted by: the minutes of each rule, the time a line stands for, and the ratings.

The minutes are this project's own, after SonarQube's way of counting (a rule's constant, and more for each unit above
its limit); so is the time to write a line (30 minutes) and the ratings by the share of it (A up to 5 %, B 10, C 20,
D 50). Belongs here: the figures. Does not belong here: finding occurrences (`int_debt.sql`, `warehouse/newest.py`).
"""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple


class DebtRule(NamedTuple):
    """Minutes for one occurrence, and for each unit of `measure` above `above`; a rule about findings has neither."""

    rule: str
    title: str
    measure: str | None
    above: int | None
    minutes: int
    minutes_per_unit: int = 0


DEBT_RULES = (
    DebtRule("complex_function", "Function of cyclomatic complexity above 10", "cyclomatic_complexity", 10, 10, 1),
    DebtRule("cognitive_function", "Function of cognitive complexity above 15", "cognitive_complexity", 15, 5, 1),
    DebtRule("long_function", "Function of more than 60 lines", "lines", 60, 20),
    DebtRule("deep_function", "Function with blocks nested deeper than 4", "max_nesting", 4, 10),
    DebtRule("many_parameters", "Function of more than 7 parameters", "parameters", 7, 20),
    DebtRule("security_critical", "Security finding, critical", None, None, 60),
    DebtRule("security_high", "Security finding, high", None, None, 30),
    DebtRule("security_medium", "Security finding, medium", None, None, 20),
    DebtRule("security_low", "Security finding, low", None, None, 5),
    DebtRule("security_info", "Security finding, for information", None, None, 0),
    DebtRule("error", "Finding that is likely a fault", None, None, 10),
    DebtRule("broad_except", "Handler that catches everything", None, None, 5),
    DebtRule("unused", "Code that nothing uses", None, None, 5),
    DebtRule("style", "Style finding", None, None, 1),
)
MINUTES_PER_LINE = 30
RATIO_BOUNDS = (5.0, 10.0, 20.0, 50.0)
BY_SEVERITY = {"critical": "E", "high": "D", "medium": "C", "low": "B"}
"""Rating by the gravest finding, as SonarQube rates security and reliability; without any it is A."""


def debt_ratio(minutes: float, source_lines: int) -> float | None:
    """Minutes as a percentage of those that writing the lines took; None without lines."""
    return 100.0 * minutes / (MINUTES_PER_LINE * source_lines) if source_lines else None


def debt_rating(ratio: float | None) -> str | None:
    """A to E; None where there is nothing to rate."""
    return None if ratio is None else "ABCDE"[bisect_left(RATIO_BOUNDS, ratio)]
