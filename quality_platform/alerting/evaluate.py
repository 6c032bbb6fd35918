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

from quality_platform.alerting.conditions import budgets, silences, thresholds, verdicts
from quality_platform.alerting.conditions.judgement import Judgement
from quality_platform.alerting.conditions.relations import MART, Relation
from quality_platform.alerting.episodes import lifecycle, removal
from quality_platform.alerting.episodes.changes import Changes
from quality_platform.alerting.notices.background import background
from quality_platform.alerting.plan import Plan
from quality_platform.model.alerts import AlertType, RuleState, Series
from quality_platform.state import rule_states
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake

# rows of one transaction: a writer on SQLite keeps the others out for some 30 ms
CHUNK = 500

THRESHOLD_TYPES: tuple[AlertType, ...] = ("threshold_violation", "absence", "heartbeat", "burn_rate")
VERDICT_TYPES: tuple[AlertType, ...] = ("trend_degradation", "regression", "improvement", "anomaly")


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
    """Judge new observations, and by the clock the series that have none, up to `now`. Raises StateError, LakeError."""
    orphans = close_orphans(state, plan, THRESHOLD_TYPES, now)
    remembered = _states(state, plan, THRESHOLD_TYPES)
    news = list(thresholds.judge(plan, lake, remembered, now))
    quiet = silences.judge(plan, lake, remembered, now, {(each.rule, each.series) for each in news})
    return orphans + record(state, lake, plan, chain(news, quiet, budgets.judge(plan, lake, remembered, now)), now)


def evaluate_verdicts(state: State, lake: Lake, plan: Plan, now: datetime) -> Evaluation:
    """Judge how series moved: trends, steps, baselines, anomalies. Raises StateError, LakeError."""
    orphans = close_orphans(state, plan, VERDICT_TYPES, now)
    remembered = _states(state, plan, VERDICT_TYPES)
    return orphans + record(state, lake, plan, verdicts.judge(plan, lake, remembered, now), now)


def _states(state: State, plan: Plan, types: tuple[AlertType, ...]) -> dict[tuple[str, Series], RuleState]:
    with state.read() as session:
        return rule_states.load(session, [key for key, rule in plan.rules.items() if rule.type in types])


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
