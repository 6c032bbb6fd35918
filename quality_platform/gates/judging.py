"""Judges a change by the conditions of the gate. Pure. Does not belong here: reading (`new_code.py`), or formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from quality_platform.gates.new_code import NewCode, Place
from quality_platform.model.gate import GateCondition


@dataclass(frozen=True, slots=True)
class Outcome:
    """A condition with what was measured. `places` are what is to be looked at when it is broken."""

    condition: GateCondition
    value: float | None
    """None where nobody measured it."""
    places: tuple[Place, ...]

    @property
    def holds(self) -> bool:
        """Whether the value is within the condition; what nobody measured breaks nothing."""
        return self.value is None or self.value <= self.condition.maximum

    @property
    def shown(self) -> str:
        """The value for people."""
        return "not measured" if self.value is None else f"{self.value:,.4g}"

    @property
    def fails(self) -> bool:
        """Whether the gate is closed by it."""
        return not self.holds and self.condition.level == "fail"


@dataclass(frozen=True, slots=True)
class Verdict:
    """All outcomes, and the change that they are of."""

    code: NewCode
    outcomes: tuple[Outcome, ...]

    @property
    def passes(self) -> bool:
        """Whether the change may be merged."""
        return not any(outcome.fails for outcome in self.outcomes)


def judge(code: NewCode, conditions: Sequence[GateCondition]) -> Verdict:
    """The verdict on `code`."""
    outcomes = []
    for condition in conditions:
        value, places = MEASURES[condition.measure](code)
        broken = tuple(place for place in places if place.value is None or place.value > condition.maximum)
        outcomes.append(Outcome(condition, value, broken))
    return Verdict(code, tuple(outcomes))


Measure = Callable[[NewCode], tuple[float | None, Sequence[Place]]]


def _of_severity(*severities: str) -> Measure:
    def measure(code: NewCode) -> tuple[float | None, Sequence[Place]]:
        places = [place for place in code.findings if place.severity in severities and place.tool != "secrets"]
        return len(places), places

    return measure


def _secrets(code: NewCode) -> tuple[float, Sequence[Place]]:
    places = [place for place in code.findings if place.tool == "secrets"]
    return len(places), places


def _complexity(code: NewCode) -> tuple[float, Sequence[Place]]:
    return max((place.value or 0 for place in code.functions), default=0), code.functions


def _duplication(code: NewCode) -> tuple[float, Sequence[Place]]:
    return (100.0 * code.duplicated / code.lines if code.lines else 0.0), ()


def _suppressions(code: NewCode) -> tuple[float, Sequence[Place]]:
    return code.suppressions, ()


def _coverage(code: NewCode) -> tuple[float | None, Sequence[Place]]:
    if code.executable is None:
        return None, ()
    return (100.0 * len(code.uncovered) / code.executable if code.executable else 0.0), code.uncovered


MEASURES: Mapping[str, Measure] = {
    "new_findings_high": _of_severity("critical", "high"),
    "new_findings_medium": _of_severity("medium"),
    "new_findings_low": _of_severity("low"),
    "new_secrets": _secrets,
    "complexity": _complexity,
    "duplicated_lines_percent": _duplication,
    "new_suppressions": _suppressions,
    "uncovered_lines_percent": _coverage,
}
