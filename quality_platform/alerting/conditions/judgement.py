"""What an evaluation found out about one rule on one series, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from quality_platform.model.alerts import AlertType, RuleState, Series, Transition
from quality_platform.state.identity import fingerprint
from quality_platform.state.rule_states import NEW


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

    @property
    def is_progress_alone(self) -> bool:
        """Whether the rule only got further: who judges it from where it stood finds the same again."""
        return not self.transitions and self.before != NEW and leads_to(self.before, self.after)


def leads_to(before: RuleState, after: RuleState) -> bool:
    """Whether `after` is `before` and later."""
    if before.evaluated_to is None or after.evaluated_to is None or before.evaluated_to > after.evaluated_to:
        return before == after
    return replace(before, evaluated_to=after.evaluated_to) == after


def settled(transitions: tuple[Transition, ...], watched_since: datetime | None = None) -> tuple[Transition, ...]:
    """Of a first evaluation, what is true at its end: what came and went before anybody watched is not news.

    What began after `watched_since` (None: nothing did) is told as it happened: a process that was killed between a
    value and its evaluation must not make a short alert unheard of.
    """
    since = [each for each in transitions if watched_since is not None and each.evidence.observed_at > watched_since]
    before = transitions[: len(transitions) - len(since)]
    if not before or before[-1].to == "ok":
        return tuple(since)
    if since and since[0].to == "ok":
        return tuple(since[1:])
    first, *later = since or before[-1:]
    return (replace(first, before="ok"), *later)
