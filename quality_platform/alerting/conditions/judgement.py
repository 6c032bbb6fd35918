"""What an evaluation found out about one rule on one series, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from quality_platform.model.alerts import AlertType, RuleState, Series, Transition
from quality_platform.state.identity import fingerprint


@dataclass(frozen=True, slots=True)
class Judgement:
    """The rule's memory before and after, and the changes of level in between, oldest first."""

    rule: str
    type: AlertType
    series: Series
    before: RuleState
    after: RuleState
    transitions: tuple[Transition, ...]

    @property
    def fingerprint(self) -> str:
        """Identity of the rule on the series."""
        return fingerprint(self.rule, self.series.key)

    @property
    def changed(self) -> bool:
        """Whether there is anything to remember or to tell."""
        return bool(self.transitions) or self.after != self.before


def settled(transitions: tuple[Transition, ...]) -> tuple[Transition, ...]:
    """Of a first evaluation, what is true at its end: what came and went before anybody watched is not news."""
    if not transitions or transitions[-1].to == "ok":
        return ()
    return (replace(transitions[-1], before="ok"),)
