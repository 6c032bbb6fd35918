"""Threshold rules over samples as they arrive: the same judgements as `thresholds.judge`, without asking the lake.

What each rule remembers of a series, and the few samples that keep the next ones company, stay in memory; a series that
is not known is read from the lake once. Dagster's sensors judge the same series: both advance a rule's memory only from
the state that they judged, so whoever comes second finds it done and learns the series anew.

Belongs here: what is kept in memory, and when it is written. Does not belong here: threads, the drain (`api/live/`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

import pyarrow as pa

from quality_platform.alerting import evaluate
from quality_platform.alerting.conditions import thresholds
from quality_platform.alerting.conditions.arrivals import Ahead, arrivals, by_series, joined
from quality_platform.alerting.conditions.judgement import Judgement
from quality_platform.alerting.conditions.observations import Fresh
from quality_platform.alerting.conditions.relations import SAMPLES, Relation, samples_of
from quality_platform.alerting.evaluate import Evaluation
from quality_platform.alerting.plan import Matcher, Plan
from quality_platform.model.alerts import RuleState, Sample, Series
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules.matching import metric_of
from quality_platform.state import rule_states
from quality_platform.state.database import State
from quality_platform.state.rule_states import NEW
from quality_platform.warehouse.lake import Lake

MOST_KEPT = 500_000
"""Series and samples in memory together: about 250 MB; beyond, all are forgotten and read again as they come."""

ATTEMPTS = 3
AT_ONCE = 2_000
"""Series whose mere progress is written in one go: a tenth of a second."""

States = dict[tuple[str, Series], RuleState]


@dataclass(slots=True)
class _Followed:
    """A series in memory: per rule its state as judged and as it stands in the database; the newest samples."""

    states: dict[str, RuleState]
    stored: dict[str, RuleState]
    company: Sequence[Sample]


class LiveThresholds:
    """The threshold rules of one plan over samples. For one thread.

    After a StateError or LakeError call `catch_up`: what was judged and not written is judged again.
    """

    def __init__(self, state: State, lake: Lake, plan: Plan) -> None:
        self._state, self._lake, self._plan = state, lake, plan
        rules = plan.rules_of(ThresholdRule)
        self._rules = {key: rule for key, rule in rules.items() if plan.metric(metric_of(rule)).grain == "sample"}
        self._ahead = Ahead()
        self._states: States | None = None
        self._forget_all()

    @property
    def metrics(self) -> pa.Array:
        """Names of the metrics that a rule speaks of."""
        return pa.array(sorted(self._matcher.metrics), pa.string())

    @property
    def has_unsaved(self) -> bool:
        """Whether something is known that the database is not told yet, or waits for its time."""
        return bool(self._unsaved or self._ahead)

    def take(self, samples: pa.Table | None, now: datetime) -> Evaluation:
        """Judge samples that have just been stored, and those whose time has come."""
        arrived = by_series(self._ahead.sieve(arrivals(samples) if samples is not None else (), now))
        judgements: list[Judgement] = []
        unknown = []
        for series, found in arrived.items():
            followed = self._followed.get(series) or self._ignored(series)
            if followed is None:
                unknown.append(series)
            elif followed.states:
                judgements += self._judged(joined(series, followed.company, found), followed)
        done = self._write(judgements, now)
        return done + self._learn_these(unknown, now)

    def catch_up(self, now: datetime) -> Evaluation:
        """Forget everything, judge what the lake has and no rule has judged."""
        self._forget_all()
        return self._write(self._learn(SAMPLES, self._remembered(), now), now)

    def save(self, now: datetime, most: int = AT_ONCE) -> Evaluation:
        """Write how far series have been judged of which nothing else is to be said."""
        series = list(islice(self._unsaved, most))
        judgements = [
            Judgement(key, "threshold_violation", each, followed.stored[key], followed.states[key], ())
            for each in series
            for followed in (self._followed[each],)
            for key in followed.states
        ]
        for each in series:
            del self._unsaved[each]
        return self._record(judgements, now)

    # --- judging ---------------------------------------------------------------------------------

    def _judged(self, found: Fresh, followed: _Followed) -> list[Judgement]:
        states = {(key, found.series): state for key, state in followed.states.items()}
        judged = list(thresholds.judged_by(self._plan, self._matcher, states, found))
        followed.states = {each.rule: each.after for each in judged}
        followed.company = self._company(found)
        return [replace(each, before=followed.stored[each.rule]) for each in judged]

    def _learn_these(self, series: Collection[Series], now: datetime) -> Evaluation:
        if not series:
            return Evaluation()
        states = self._states_of(series)
        done = self._write(self._learn(samples_of(series), states, now), now)
        for each in series:
            self._follow_late(each, states)
        return done

    def _learn(self, relation: Relation, states: States, now: datetime) -> list[Judgement]:
        """Judge what the lake has of series that are not in memory, and keep them there."""
        judgements: list[Judgement] = []
        for found in thresholds.news(self._plan, self._lake, states, now, self._matcher, relation):
            judged = list(thresholds.judged_by(self._plan, self._matcher, states, found))
            if judged:
                after = {each.rule: each.after for each in judged}
                stored = {each.rule: each.before for each in judged}
                self._follow(found.series, _Followed(after, stored, self._company(found)))
                judgements += judged
        return judgements

    def _follow(self, series: Series, followed: _Followed) -> None:
        self._kept += 1 + len(followed.company)
        self._followed[series] = followed

    def _follow_late(self, series: Series, states: States) -> None:
        """A series of which only what is older than its judgement came: nothing is new, so the lake gave nothing."""
        rules = [key for key, _ in self._matcher.of(series)]
        if (
            series not in self._followed
            and not self._counts[series.metric]
            and all((k, series) in states for k in rules)
        ):
            known = {key: states[key, series] for key in rules}
            self._follow(series, _Followed(dict(known), known, ()))

    def _ignored(self, series: Series) -> _Followed | None:
        """Memory of a series that no rule speaks of, although one speaks of its metric."""
        if self._matcher.of(series):
            return None
        nothing = _Followed({}, {}, ())
        self._follow(series, nothing)
        return nothing

    def _company(self, found: Fresh) -> Sequence[Sample]:
        count = self._counts[found.series.metric]
        return found.samples[-count:] if count else ()

    # --- writing ---------------------------------------------------------------------------------

    def _write(self, judgements: Iterable[Judgement], now: datetime) -> Evaluation:
        """Write at once what is news; that a series was judged a little further may wait for `save`."""
        urgent = []
        for each in judgements:
            if _is_progress_alone(each):
                self._unsaved[each.series] = None
            elif each.changed:
                urgent.append(each)
        done = self._record(urgent, now)
        if self._kept > MOST_KEPT:
            self._forget_all()
        return done

    def _record(self, judgements: Sequence[Judgement], now: datetime, attempts: int = ATTEMPTS) -> Evaluation:
        if not judgements:
            return Evaluation()
        try:
            done = evaluate.record(self._state, self._lake, self._plan, judgements, now, SAMPLES)
        except Exception:
            self._forget_all()  # memory is ahead of the database, and nobody knows by how much
            raise
        lost = self._settle(judgements, overtaken=bool(done.overtaken))
        if lost and attempts:
            again = self._learn(samples_of(lost), self._states_of(lost), now)
            done += self._record([each for each in again if each.changed], now, attempts - 1)
        return done

    def _settle(self, judgements: Sequence[Judgement], *, overtaken: bool) -> Collection[Series]:
        """Note what the database holds now; what somebody else has judged further is forgotten and returned."""
        if overtaken:
            self._states = None
        lost: dict[Series, None] = {}
        for each in judgements:
            held = self._remembered().get((each.rule, each.series), NEW) if overtaken else each.after
            followed = self._followed.get(each.series)
            missing = bool(each.transitions) and held != each.after
            if followed is not None and not missing and _leads_to(held, followed.states[each.rule]):
                followed.stored[each.rule] = held
            else:
                lost[each.series] = None
        for series in lost:
            self._followed.pop(series, None)
            self._unsaved.pop(series, None)
        return lost

    # --- memory ----------------------------------------------------------------------------------

    def _remembered(self) -> States:
        """States in the database as they were when last asked for."""
        if self._states is None:
            with self._state.read() as session:
                self._states = rule_states.load(session, self._rules.keys())
        return self._states

    def _states_of(self, series: Collection[Series]) -> States:
        known = self._remembered()
        pairs = [(key, each) for each in series for key, _ in self._matcher.of(each)]
        return {pair: known[pair] for pair in pairs if pair in known}

    def _forget_all(self) -> None:
        self._matcher = Matcher(self._rules, self._plan)
        self._counts = {
            name: thresholds.company(rule for _, rule in rules) for name, rules in self._matcher.metrics.items()
        }
        self._followed: dict[Series, _Followed] = {}
        self._unsaved: dict[Series, None] = {}
        self._states = None
        self._kept = 0


def _is_progress_alone(each: Judgement) -> bool:
    """Whether the rule only got further: the same would be found again, by whoever judges it from where it stood."""
    return not each.transitions and each.before != NEW and _leads_to(each.before, each.after)


def _leads_to(before: RuleState, after: RuleState) -> bool:
    """Whether `after` is `before` and later."""
    if before.evaluated_to is None or after.evaluated_to is None or before.evaluated_to > after.evaluated_to:
        return before == after
    return replace(before, evaluated_to=after.evaluated_to) == after
