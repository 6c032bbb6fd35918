"""Tests of rules: series in, alerts out, held against what was expected. Pure: no lake, no state, no clock.

Belongs here: which rules meet which series, and which alerts stand at a moment. Does not belong here: the shape of a
test (`replaying/cases.py`), deciding whether a rule fires (`rules/`), showing the outcome (`cli/rules_test.py`).
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches

from pydantic import ValidationError

from quality_platform.alerting.conditions.grains import grain_of
from quality_platform.alerting.in_force import RULE, adapter_of
from quality_platform.alerting.notices.labels import labels_of
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.replaying.cases import Case, CaseFile, Expectation
from quality_platform.alerting.replaying.comparing import Difference, Found, differences
from quality_platform.alerting.routing.tree import routes_for
from quality_platform.errors import UsageError
from quality_platform.model.alerts import Evidence, Sample, Series
from quality_platform.model.labels import canonical
from quality_platform.model.metrics import CATALOGUE
from quality_platform.model.rules import BurnRateRule, RuleConfig, ThresholdRule
from quality_platform.rules.judging import Known
from quality_platform.rules.matching import matches
from quality_platform.rules.series import Step, replay

Inputs = Mapping[Series, Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one test; it passed where there is neither a difference nor an error."""

    name: str
    differences: tuple[Difference, ...]
    error: str | None
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.differences and self.error is None


def rehearse(file: CaseFile, plan: Plan) -> Iterator[Outcome]:
    """Run the tests of `file` in order; `plan` has the rules that it calls by name, and the routes."""
    for case in file.tests:
        began = time.perf_counter()
        found: tuple[Difference, ...] = ()
        error = None
        try:
            found = _run(case, file, plan)
        except UsageError as wrong:
            error = str(wrong)
        yield Outcome(case.name, found, error, time.perf_counter() - began)


def _run(case: Case, file: CaseFile, plan: Plan) -> tuple[Difference, ...]:
    inputs = _inputs(case, file.interval)
    rules = _rules(case, file, plan, inputs)
    until = case.start + max(each.at for each in case.expect)
    stories = [
        _Story(key, rule, series, plan, _replayed(rule, series, inputs, case, plan, until))
        for key, rule in rules.items()
        for series in inputs
        if matches(rule, series)
    ]
    return tuple(found for each in case.expect for found in _differences(case, each, stories))


def _inputs(case: Case, interval: timedelta) -> Inputs:
    found: dict[Series, list[Sample]] = {}
    for each in case.input:
        metric = CATALOGUE.find(each.series.metric)
        name = each.series.metric if metric is None else metric.name
        series = Series(name, each.series.project, each.series.subject, canonical(each.series.labels))
        step = each.interval or case.interval or interval
        first = case.start + each.offset
        samples = [Sample(first + step * at, value) for at, value in enumerate(each.values) if value is not None]
        found.setdefault(series, []).extend(samples)
    return found


def _rules(case: Case, file: CaseFile, plan: Plan, inputs: Inputs) -> dict[str, RuleConfig]:
    """The rules of a test. Raises UsageError where one cannot be used, is not there, or speaks of no series."""
    own = {rule.key: rule for rule in (_written(body, f"rules[{at}]") for at, body in enumerate(file.rules))}
    known = {**plan.rules, **own}
    if case.rules is None:
        among = own or known
        chosen = {key: rule for key, rule in among.items() if any(matches(rule, each) for each in inputs)}
        if not chosen:
            raise UsageError("No rule speaks of these series.", hint="Name one under rules, or write it out there.")
        return chosen
    chosen = {}
    for place, given in enumerate(case.rules):
        rule = _named(given, known) if isinstance(given, str) else _written(given, f"{case.name}: rules[{place}]")
        if not any(matches(rule, each) for each in inputs):
            raise UsageError(
                f"The rule {rule.key!r} speaks of none of the series.",
                hint="Look at its metric, project, subject and labels, and at those of the series.",
            )
        chosen[rule.key] = rule
    return chosen


def _named(name: str, known: Mapping[str, RuleConfig]) -> RuleConfig:
    found = known.get(name) or next((rule for rule in known.values() if rule.name == name), None)
    if found is None:
        near = get_close_matches(name, known) or sorted(known)[:10]
        raise UsageError(f"There is no rule {name!r}.", hint=f"There is {', '.join(near) or 'none'}.")
    return found


def _written(body: Mapping[str, object], where: str) -> RuleConfig:
    adapter = adapter_of(RULE)
    assert adapter is not None
    try:
        rule: RuleConfig = adapter.validate_python(body)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        said = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{where}: {field}: {said}" if field else f"{where}: {said}") from error
    return rule


def _replayed(
    rule: RuleConfig, series: Series, inputs: Inputs, case: Case, plan: Plan, until: datetime
) -> Sequence[Step]:
    metric = plan.metric(series.metric)
    known = Known(
        totals=_beside(series, getattr(rule, "total_metric", None) if isinstance(rule, BurnRateRule) else None, inputs),
        wholes=_wholes(rule, series, inputs),
        by_clock=grain_of(metric.grain).by_clock,
    )
    return replay(rule, inputs[series], metric=metric, until=until, step=case.evaluate_every, known=known)


def _wholes(rule: RuleConfig, series: Series, inputs: Inputs) -> Sequence[Sample] | None:
    return _beside(series, rule.denominator, inputs) if isinstance(rule, ThresholdRule) else None


def _beside(series: Series, metric: str | None, inputs: Inputs) -> Sequence[Sample]:
    """Samples of another metric of the same series."""
    if metric is None:
        return ()
    found = CATALOGUE.find(metric)
    name = metric if found is None else found.name
    return sorted(
        inputs.get(Series(name, series.project, series.subject, series.labels), ()), key=lambda each: each.observed_at
    )


class _Story:
    """What one rule remembered of one series, step by step."""

    def __init__(self, key: str, rule: RuleConfig, series: Series, plan: Plan, steps: Sequence[Step]) -> None:
        self._key, self._rule, self._series, self._plan, self._steps = key, rule, series, plan, steps
        self._instants = [step.instant for step in steps]

    def at(self, moment: datetime, start: datetime) -> Found | None:
        """How the alert stands at `moment`; None where there is and was none."""
        past = self._steps[: bisect_right(self._instants, moment)]
        if not past:
            return None
        condition = past[-1].state.condition
        changes = [(step.instant, change) for step in past for change in step.transitions]
        level = past[-1].state.level
        if level != "ok":
            risen = [at for at, change in changes if change.before == "ok"]
            return self._found(condition, level, changes[-1][1].evidence, risen[-1] - start)
        if condition == "pending":
            return self._found(condition, past[-1].state.pending_level, None, None)
        if changes:
            return self._found("resolved", changes[-1][1].before, changes[-1][1].evidence, changes[-1][0] - start)
        return None

    def _found(self, status: str, severity: str, evidence: Evidence | None, since: timedelta | None) -> Found:
        series = self._series
        extra = dict(self._rule.labels)
        labels = labels_of(series, rule=self._key, alert_type=self._rule.type, severity=severity, extra=extra)
        routes = routes_for(self._plan.routes, labels)
        return Found(
            rule=self._key, severity=severity, status=status, metric=series.metric, project=series.project,
            subject=series.subject, labels=labels, since=since, value=evidence.value if evidence else None,
            threshold=evidence.threshold if evidence else None, detail=evidence.detail if evidence else "",
            channels=tuple(dict.fromkeys(name for route in routes for name in route.channels)),
        )  # fmt: skip


def _differences(case: Case, expected: Expectation, stories: Sequence[_Story]) -> Iterator[Difference]:
    moment = case.start + expected.at
    found = [each for story in stories if (each := story.at(moment, case.start)) is not None]
    yield from differences(expected, found)
