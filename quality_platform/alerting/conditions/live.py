"""Rules over samples as they arrive: the same judgements as `thresholds.judge`, without asking the lake.

What each rule remembers of a series, and the few samples that keep the next ones company, stay in memory; a series that
is not known is read from the lake once. Dagster's sensors judge the same series: both advance a rule's memory only from
the state that they judged, so whoever comes second finds it done and learns the series anew.

Belongs here: what is kept in memory, and when it is written. Does not belong here: threads, the drain (`api/live/`),
what the clock decides (`ticking.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

import pyarrow as pa

from quality_platform.alerting import evaluate
from quality_platform.alerting.conditions import sampled, thresholds
from quality_platform.alerting.conditions.arrivals import Ahead, arrivals, by_series, joined
from quality_platform.alerting.conditions.following import Company, Followed
from quality_platform.alerting.conditions.judgement import Judgement, leads_to
from quality_platform.alerting.conditions.observations import Fresh
from quality_platform.alerting.conditions.relations import SAMPLES, Relation, samples_of
from quality_platform.alerting.conditions.ticking import Ticking
from quality_platform.alerting.evaluate import Evaluation
from quality_platform.alerting.plan import Matcher, Plan
from quality_platform.model.alerts import RuleState, Series
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


class LiveThresholds:
    """The rules of one plan that are judged sample by sample. For one thread.

    After a StateError or LakeError call `catch_up`: what was judged and not written is judged again.
    """

    def __init__(self, state: State, lake: Lake, plan: Plan) -> None:
        self._state, self._lake, self._plan = state, lake, plan
        self._rules = sampled.live_rules(plan)
        self._states: States | None = None
        self._complete, self._kept = False, 0
        self._ahead = Ahead()
        self._listening: datetime | None = None
        self._forget_all()

    @property
    def metrics(self) -> pa.Array:
        """Names of the metrics that a rule speaks of."""
        return pa.array(sorted(self._matcher.metrics), pa.string())

    @property
    def has_unsaved(self) -> bool:
        """Whether something is known that the database is not told yet, or waits for its time."""
        return bool(self._unsaved or self._ahead)

    @property
    def ticks(self) -> bool:
        """Whether `tick` is to be called, because the clock alone may decide something."""
        return self._ticking.needed

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
                judgements += self._judged(joined(series, followed.company, found), followed, now)
        done = self._write(judgements, now)
        return done + self._learn_these(unknown, now)

    def tick(self, now: datetime) -> Evaluation:
        """Judge what time alone decides, from memory; to be called about every second, cheap while nothing is due."""
        if not self._ticking.needed:
            return Evaluation()
        if not self._complete:
            self._complete = True
            self._ticking.know(self._remembered())
            self._follow_silent({series for _, series in self._remembered()}, now)
        return self._write(self._ticking.judge(now), now) + self._ticking.burn(self._state, self._lake, now)

    def catch_up(self, now: datetime) -> Evaluation:
        """Forget everything, judge what the lake has and no rule has judged."""
        self._listening = now
        self._forget_all()
        return self._write(self._learn(SAMPLES, self._remembered(), now), now)

    def save(self, now: datetime, most: int = AT_ONCE) -> Evaluation:
        """Write how far series have been judged of which nothing else is to be said."""
        series = list(islice(self._unsaved, most))
        judgements = [
            Judgement(key, self._rules[key].type, each, followed.stored[key], followed.states[key], ())
            for each in series
            for followed in (self._followed[each],)
            for key in followed.states
        ]
        for each in series:
            del self._unsaved[each]
        return self._record(judgements, now)

    def _judged(self, found: Fresh, followed: Followed, now: datetime) -> list[Judgement]:
        states = {(key, found.series): state for key, state in followed.states.items()}
        judged = list(thresholds.judged_by(self._plan, self._matcher, states, found, now))
        followed.states = {each.rule: each.after for each in judged}
        kept = len(followed.company)
        followed.company = self._company.of(found)
        self._kept += len(followed.company) - kept
        self._ticking.came(found.series, followed)
        stored = followed.stored
        return [replace(each, before=stored.get(each.rule, NEW)) for each in judged]

    def _learn_these(self, series: Collection[Series], now: datetime) -> Evaluation:
        if not series:
            return Evaluation()
        states = self._states_of(series)
        done = self._write(self._learn(samples_of(series), states, now), now)
        self._follow_silent([each for each in series if not self._company.count(each.metric)], now)
        return done

    def _learn(self, relation: Relation, states: States, now: datetime) -> list[Judgement]:
        """Judge what the lake has of series that are not in memory, and keep them there."""
        judgements: list[Judgement] = []
        for found in thresholds.news(self._plan, self._lake, states, now, self._matcher, relation):
            judged = list(thresholds.judged_by(self._plan, self._matcher, states, found, now))
            if judged:
                after = {each.rule: each.after for each in judged}
                stored = {each.rule: each.before for each in judged}
                self._follow(found.series, Followed(after, stored, self._company.of(found)))
                judgements += judged
        return judgements

    def _follow(self, series: Series, followed: Followed) -> None:
        self._kept += 1 + len(followed.company)
        self._followed[series] = followed
        self._ticking.came(series, followed)

    def _follow_silent(self, series: Collection[Series], now: datetime) -> None:
        """Series of which nothing is new, so that the lake gave nothing: the states are known and tell the rest."""
        states = self._remembered()
        wanted = {}
        for each in series:
            rules = [key for key, _ in self._matcher.of(each)] if each not in self._followed else []
            if rules and all((key, each) in states for key in rules):
                wanted[each] = {key: states[key, each] for key in rules}
        for each, company in self._ticking.company(self._lake, wanted, self._company, now).items():
            self._follow(each, Followed(dict(wanted[each]), wanted[each], company))

    def _ignored(self, series: Series) -> Followed | None:
        """Memory of a series that no rule speaks of, although one speaks of its metric."""
        if self._matcher.of(series):
            return None
        nothing = Followed({}, {}, ())
        self._follow(series, nothing)
        return nothing

    def _write(self, judgements: Iterable[Judgement], now: datetime) -> Evaluation:
        """Write at once what is news; that a series was judged a little further may wait for `save`."""
        urgent = []
        for each in judgements:
            if each.is_progress_alone:
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
            self._follow_silent(lost, now)
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
            if followed is not None and not missing and leads_to(held, followed.states[each.rule]):
                followed.stored[each.rule] = held
            else:
                lost[each.series] = None
        for series in lost:
            self._followed.pop(series, None)
            self._unsaved.pop(series, None)
        return lost

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
        self._company = Company(self._matcher.metrics)
        self._followed: dict[Series, Followed] = {}
        self._unsaved: dict[Series, None] = {}
        self._ticking = Ticking(self._plan, self._matcher, self._followed, self._listening)
        self._states, self._complete, self._kept = None, False, 0
