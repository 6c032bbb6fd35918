"""Evaluations: read what is new, judge it, write what follows.

Another evaluation, or two processes at once, change nothing more: a rule's memory moves only from the state
that was judged, in the transaction that writes what follows.

Belongs here: the order of the steps and what is one transaction. Does not belong here: any of the steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from quality_platform.alerting.conditions import thresholds, verdicts
from quality_platform.alerting.conditions.judgement import Judgement
from quality_platform.alerting.conditions.relations import MART, Relation
from quality_platform.alerting.episodes import lifecycle, removal
from quality_platform.alerting.episodes.changes import Changes
from quality_platform.alerting.notices.background import background
from quality_platform.alerting.plan import Plan
from quality_platform.model.alerts import AlertType, RuleState, Series
from quality_platform.model.rules import RegressionRule, RuleBase, ThresholdRule, TrendRule
from quality_platform.state import rule_states
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake

# rows of one transaction: a writer on SQLite keeps the others out for some 30 ms
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out: pairs of rule and series judged, what happened to alerts, judgements that came too late."""

    judged: int = 0
    fired: int = 0
    changed: int = 0
    resolved: int = 0
    overtaken: int = 0

    @property
    def told(self) -> int:
        """How many things happened that somebody is to be told."""
        return self.fired + self.changed + self.resolved

    def __add__(self, other: Evaluation) -> Evaluation:
        return Evaluation(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def evaluate_thresholds(state: State, lake: Lake, plan: Plan, now: datetime) -> Evaluation:
    """Judge the observations that no threshold rule has judged yet, up to `now`. Raises StateError, LakeError."""
    orphans = close_orphans(state, plan, ("threshold_violation",), now)
    remembered = _states(state, plan, ThresholdRule)
    return orphans + record(state, lake, plan, thresholds.judge(plan, lake, remembered, now), now)


def evaluate_verdicts(state: State, lake: Lake, plan: Plan, now: datetime) -> Evaluation:
    """Judge the present trends and steps by the trend and regression rules. Raises StateError, LakeError."""
    orphans = close_orphans(state, plan, ("trend_degradation", "regression"), now)
    trends = verdicts.judge_trends(plan, lake, _states(state, plan, TrendRule))
    steps = verdicts.judge_regressions(plan, lake, _states(state, plan, RegressionRule), now)
    return orphans + record(state, lake, plan, chain(trends, steps), now)


def _states(state: State, plan: Plan, kind: type[RuleBase]) -> dict[tuple[str, Series], RuleState]:
    with state.read() as session:
        return rule_states.load(session, plan.rules_of(kind).keys())


def record(
    state: State, lake: Lake, plan: Plan, judgements: Iterable[Judgement], now: datetime, relation: Relation = MART
) -> Evaluation:
    """Write what follows from `judgements`, in transactions of `CHUNK`; messages show points out of `relation`."""
    total = Evaluation()
    for chunk in _chunks(judgements):
        moved = [each for each in chunk if each.changed]
        shown = background(plan, lake, moved, now, relation)
        with state.write(serial="alerts") as session:
            changes = Changes(session, plan, now, shown)
            overtaken = lifecycle.record(changes, moved)
        total += outcome(changes, judged=len(chunk), overtaken=overtaken)
    return total


def close_orphans(state: State, plan: Plan, types: tuple[AlertType, ...], now: datetime) -> Evaluation:
    """Close alerts of these types whose rule is gone."""
    with state.write(serial="alerts") as session:
        changes = Changes(session, plan, now)
        removal.close_orphans(changes, types)
    return outcome(changes, judged=0, overtaken=0)


def outcome(changes: Changes, *, judged: int, overtaken: int) -> Evaluation:
    """What one transaction came to."""
    return Evaluation(
        judged,
        changes.count("fired", "reopened"),
        changes.count("severity_changed"),
        changes.count("resolved"),
        overtaken,
    )


def _chunks(judgements: Iterable[Judgement]) -> Iterator[list[Judgement]]:
    remaining = iter(judgements)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
