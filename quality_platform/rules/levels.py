"""Steps that every rule type shares: grade a magnitude, move a state, word an amount and a length of time."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from quality_platform.model.alerts import Evidence, Level, RuleState, Transition
from quality_platform.model.durations import written

Judged = tuple[RuleState, tuple[Transition, ...]]
"""The state after an evaluation, and the changes of level that it decided, oldest first."""


def graded(magnitude: float, warning: float, critical: float | None) -> Level:
    """The level of a magnitude that is bad when large; the bounds themselves count."""
    if critical is not None and magnitude >= critical:
        return "critical"
    return "warning" if magnitude >= warning else "ok"


def moved(state: RuleState, level: Level, evidence: Evidence, at: datetime) -> Judged:
    """`state` at `level`, judged up to `at`; a transition when the level is another one.

    What fires was bad since the instant that its first evidence was observed.
    """
    since = None if level == "ok" else state.breached_at or evidence.observed_at
    after = RuleState(level=level, evaluated_to=at, breached_at=since)
    if level == state.level:
        return after, ()
    return after, (Transition(state.level, level, evidence, breached_at=since or state.breached_at),)


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


def lasting(length: timedelta) -> str:
    """A length of time as people write it, to the second: `2m`, `1h30m`."""
    return written(timedelta(seconds=round(length.total_seconds())))
