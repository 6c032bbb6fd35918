"""What time alone decides about series in memory: silence, good whiles that are over, heartbeats that never came.

Belongs here: asking the rules when a deadline has come. Does not belong here: what they say to it (`rules/clock.py`),
the same for what is stored (`silences.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from datetime import datetime, timedelta

from quality_platform.alerting import evaluate
from quality_platform.alerting.conditions import budgets, sampled, silences
from quality_platform.alerting.conditions.following import Company, Deadlines, Followed, due_at
from quality_platform.alerting.conditions.history import points
from quality_platform.alerting.conditions.judgement import Judgement
from quality_platform.alerting.conditions.relations import SAMPLES
from quality_platform.alerting.conditions.sampled import Sampled
from quality_platform.alerting.evaluate import Evaluation
from quality_platform.alerting.plan import Matcher, Plan
from quality_platform.model.alerts import RuleState, Sample, Series
from quality_platform.model.rules import BurnRateRule
from quality_platform.rules import clock
from quality_platform.state import rule_states
from quality_platform.state.database import State
from quality_platform.state.rule_states import NEW
from quality_platform.warehouse.lake import Lake

BURN_EVERY = timedelta(seconds=5)
"""Windows are summed in the lake, at most so often; the shortest usual one is of five minutes."""


class Ticking:
    """The clock's side of the live evaluation; it moves states in `followed`. Silence counts from `listening` on."""

    def __init__(
        self, plan: Plan, matcher: Matcher[Sampled], followed: MutableMapping[Series, Followed],
        listening: datetime | None,
    ) -> None:  # fmt: skip
        rules = {key: rule for found in matcher.metrics.values() for key, rule in found if sampled.ticking(rule)}
        self._plan, self._matcher, self._followed, self._listening = plan, matcher, followed, listening
        self._rules = rules
        self._metrics = {name for name, found in matcher.metrics.items() if any(key in rules for key, _ in found)}
        self._expected = {k: each for k, each in silences.expected(rules).items() if not plan.silent(each.project)}
        self._arrived: dict[str, datetime] = {}
        self._deadlines = Deadlines()
        self._burning = plan.rules_of(BurnRateRule)
        self._burned: datetime | None = None

    @property
    def needed(self) -> bool:
        """Whether there is a rule that the clock may move."""
        return bool(self._rules or self._burning)

    def came(self, series: Series, followed: Followed) -> None:
        """Something was learned of `series`: look at it when it may have been silent for too long."""
        if series.metric not in self._metrics:
            return
        for key in self._expected:
            if key in followed.states and (at := followed.states[key].evaluated_to) is not None:
                self._arrived[key] = at
        self._ask(series, followed)

    def know(self, states: Mapping[tuple[str, Series], RuleState]) -> None:
        """Learn from what is stored which of the series that rules name have ever come."""
        self._arrived |= silences.arrivals_of(states)

    def judge(self, now: datetime) -> list[Judgement]:
        """What the clock decides by `now`."""
        self._listening = self._listening or now
        judgements = list(self._named(now))
        for series in self._deadlines.due(now):
            followed = self._followed.get(series)
            if followed is not None:
                judgements += self._elapsed(series, followed, now)
                self._ask(series, followed)
        return judgements

    def burn(self, state: State, lake: Lake, now: datetime) -> Evaluation:
        """Judge the burn rates, every few seconds."""
        if not self._burning or (self._burned is not None and self._burned <= now < self._burned + BURN_EVERY):
            return Evaluation()
        self._burned = now
        with state.read() as session:
            states = rule_states.load(session, self._burning.keys())
        judgements = list(budgets.judge(self._plan, lake, states, now, SAMPLES))
        return evaluate.record(state, lake, self._plan, judgements, now, SAMPLES) if judgements else Evaluation()

    def company(
        self, lake: Lake, silent: Collection[Series], company: Company, now: datetime
    ) -> dict[Series, Sequence[Sample]]:
        """The samples that keep `silent` series company; of a series that needs some and has none, nothing."""
        few = [each for each in silent if company.count(each.metric)]
        counts = max((company.count(each.metric) for each in few), default=0)
        shown = points(lake, few, until=now, count=counts, relation=SAMPLES) if few and lake.exists else {}
        found: dict[Series, Sequence[Sample]] = {each: () for each in silent if not company.count(each.metric)}
        for each, kept in shown.items():
            found[each] = tuple(Sample(at, value) for at, value in zip(kept.times, kept.values, strict=True))
        return found

    def _ask(self, series: Series, followed: Followed) -> None:
        instants = [each.observed_at for each in followed.company[-sampled.PACED :]]
        for key, rule in self._matcher.of(series):
            if key in self._rules and key in followed.states:
                at = self._due(rule, followed.states[key], sampled.limit_of(rule, instants))
                if at is not None:
                    self._deadlines.ask(series, at)

    def _due(self, rule: Sampled, state: RuleState, limit: timedelta | None) -> datetime | None:
        return clock.due(rule, state, limit) if self._listening is None else due_at(rule, state, limit, self._listening)

    def _elapsed(self, series: Series, followed: Followed, now: datetime) -> Iterator[Judgement]:
        instants = [each.observed_at for each in followed.company[-sampled.PACED :]]
        unit = self._plan.metric(series.metric).unit
        for key, rule in self._matcher.of(series):
            state = followed.states.get(key)
            if state is None or key not in self._rules:
                continue
            limit = sampled.limit_of(rule, instants)
            due = self._due(rule, state, limit)
            if state != NEW and (due is None or due > now):
                continue
            after, told = clock.elapsed(rule, state, now, last=followed.last, limit=limit, unit=unit)
            if after != state:
                followed.states[key] = after
                yield Judgement(key, rule.type, series, followed.stored.get(key, NEW), after, told)

    def _named(self, now: datetime) -> Iterator[Judgement]:
        """Series that a rule names and that have not come: they are waited for, and no longer once one has come."""
        for key, series in self._expected.items():
            followed = self._followed.get(series)
            if key not in self._arrived:
                if followed is None:
                    followed = self._followed[series] = Followed({key: NEW}, {}, ())
                if followed.states.get(key) == NEW:
                    yield from self._elapsed(series, followed, now)
                    self._ask(series, followed)
            elif followed is not None and (state := followed.states.get(key, NEW)).evaluated_to is None:
                after, told = silences.came(self._rules[key], state, self._arrived[key])
                if after != state:
                    followed.states[key] = after
                    rule = self._rules[key]
                    yield Judgement(key, rule.type, series, followed.stored.get(key, NEW), after, told)
