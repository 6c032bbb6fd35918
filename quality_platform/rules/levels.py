"""Steps that every rule type shares: grade a magnitude, move a state, word an amount."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

from quality_platform.model.alerts import Evidence, Level, RuleState, Transition

Judged = tuple[RuleState, tuple[Transition, ...]]
"""The state after an evaluation, and the changes of level that it decided, oldest first."""


def graded(magnitude: float, warning: float, critical: float | None) -> Level:
    """The level of a magnitude that is bad when large; the bounds themselves count."""
    if critical is not None and magnitude >= critical:
        return "critical"
    return "warning" if magnitude >= warning else "ok"


def moved(state: RuleState, level: Level, evidence: Evidence, at: datetime) -> Judged:
    """`state` at `level`, judged up to `at`; a transition when the level is another one."""
    after = replace(state, level=level, pending_since=None, pending_level="ok", evaluated_to=at)
    return after, () if level == state.level else (Transition(state.level, level, evidence),)


def amount(value: float, unit: str = "") -> str:
    """A value as people write it: `70%`, `1,024 (bytes)`, `0.00042`."""
    if not math.isfinite(value):
        number = "no number" if math.isnan(value) else f"{value:g}"
    elif value and abs(value) < 0.01:
        number = f"{value:.3g}"
    else:
        number = f"{value:,.2f}".rstrip("0").rstrip(".")
    if unit == "%":
        return f"{number}%"
    return f"{number} ({unit})" if unit else number
