"""What rules would have done to the past: replayed over the lake's history, with remedies for those that are noisy.

Belongs here: the order of the steps. Does not belong here: reading (`replaying/history.py`), predicting and counting
(`replaying/`), deciding whether a rule fires (`rules/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from quality_platform.alerting.conditions.grains import grain_of
from quality_platform.alerting.episodes.flapping import damping_of
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.replaying import history
from quality_platform.alerting.replaying.columns import Columns, instant, needed, silences
from quality_platform.alerting.replaying.episodes import Change, Episode, News, Story
from quality_platform.alerting.replaying.figures import Figures, figures
from quality_platform.alerting.replaying.history import series_of
from quality_platform.alerting.replaying.messages import Messages
from quality_platform.alerting.replaying.sparkline import Sparkline, sparkline
from quality_platform.alerting.replaying.variants import Suggestion, Variant, variants, worth_telling
from quality_platform.model.alerts import Sample, Series
from quality_platform.model.rules import AbsenceRule, BurnRateRule, HeartbeatRule, RuleConfig, ThresholdRule
from quality_platform.rules.judging import Known
from quality_platform.rules.matching import matches, metric_of
from quality_platform.rules.regression import ChangeRow
from quality_platform.rules.series import replay, transitions
from quality_platform.warehouse.lake import Lake

__all__ = ["Prediction", "Window", "backtest", "series_of"]

MOST_WARM_UP = timedelta(days=30)
MOST_SAMPLES = 2_000_000
"""Samples judged one by one, for rules that need them all: minutes. Series beyond that are left out, and it is said."""

MOST_TRIED = 10_000
"""Alerts of a rule after which no more of its series are tried with its variants."""

SHOWN = 5
"""Series that are drawn."""

SHARES = (0.0005, 0.001, 0.005, 0.01, 0.05, 0.95, 0.99, 0.995, 0.999, 0.9995)
Advance = Callable[[str, int, int], None]
Beside = Mapping[tuple[str, str, str], Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class Window:
    """The past that is looked at, and the zone whose nights count."""

    since: datetime
    until: datetime
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one rule would have done. `skipped`: series that there was no time for; `drawn`: those with most alerts."""

    key: str
    rule: RuleConfig
    figures: Figures
    observations: int
    skipped: int
    suggestions: tuple[Suggestion, ...]
    drawn: tuple[tuple[Series, int, Sparkline], ...]


@dataclass
class _Tally:
    """What one rule, or a variant of it, has come to so far."""

    rule: RuleConfig
    alerts: list[Episode] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    series: int = 0
    skipped: int = 0
    judged: int = 0
    worst: list[tuple[int, Columns, list[Episode]]] = field(default_factory=list)


def backtest(
    lake: Lake, plan: Plan, rules: Mapping[str, RuleConfig], window: Window, advance: Advance | None = None
) -> Iterator[Prediction]:
    """Predictions for `rules` by key, metric by metric. `advance` hears of series done. Raises LakeError."""
    by_metric: dict[str, dict[str, RuleConfig]] = {}
    for key, rule in rules.items():
        by_metric.setdefault(metric_of(rule), {})[key] = rule
    for metric, chosen in by_metric.items():
        yield from _of_metric(lake, plan, metric, chosen, window, advance or _quietly)


def _of_metric(
    lake: Lake, plan: Plan, metric: str, rules: Mapping[str, RuleConfig], window: Window, advance: Advance
) -> Iterator[Prediction]:
    reader = _Reader(lake, plan, metric, rules.values(), window)
    tallies = {key: _Tally(rule) for key, rule in rules.items()}
    for columns in reader.series(advance):
        for tally in tallies.values():
            _take(tally, columns, reader, draw=True)
    found = {key: _predicted(plan, key, tally, reader) for key, tally in tallies.items()}
    noisy = {key: rules[key] for key, each in found.items() if each.verdict in ("noisy", "stuck")}
    remedies = _remedies(reader, noisy, advance) if noisy else {}
    for key, each in found.items():
        tally = tallies[key]
        drawn = tuple(
            (columns.series, count, _drawn(tally.rule, columns, alerts, window))
            for count, columns, alerts in tally.worst
        )
        yield Prediction(key, tally.rule, each, reader.observations, tally.skipped, remedies.get(key, ()), drawn)


class _Reader:
    """One metric's history, and what else its rules look at, read when first needed."""

    def __init__(self, lake: Lake, plan: Plan, metric: str, rules: Iterable[RuleConfig], window: Window) -> None:
        self.lake, self.plan, self.window = lake, plan, window
        self.metric = plan.metric(metric)
        warm_up = max((min(Known().reach(rule), MOST_WARM_UP) for rule in rules), default=timedelta(0))
        self.first = window.since - warm_up
        self.observations = history.count(lake, metric, self.first, window.until)
        self.steps = history.steps_of(lake, metric)
        self._beside: dict[str, Beside] = {}

    def series(self, advance: Advance) -> Iterator[Columns]:
        done = 0
        for columns in history.history(self.lake, self.metric.name, self.first, self.window.until, self.observations):
            yield columns
            done += len(columns.instants)
            advance(self.metric.name, done, self.observations)

    def known(self, rule: RuleConfig, series: Series) -> Known:
        totals = rule.total_metric if isinstance(rule, BurnRateRule) else None
        wholes = rule.denominator if isinstance(rule, ThresholdRule) and rule.min_denominator else None
        changes: Sequence[ChangeRow] = self.steps.get(series, ())
        return Known(
            totals=self._of(totals, series), wholes=self._of(wholes, series) if wholes else None, changes=changes,
            by_clock=self.by_clock,
        )  # fmt: skip

    @property
    def by_clock(self) -> bool:
        return grain_of(self.metric.grain).by_clock

    def _of(self, metric: str | None, series: Series) -> Sequence[Sample]:
        if metric is None:
            return ()
        name = self.plan.metric(metric).name
        if name not in self._beside:
            self._beside[name] = history.beside(self.lake, name, self.first, self.window.until)
        return self._beside[name].get((series.project, series.subject, series.labels), ())


def _take(tally: _Tally, columns: Columns, reader: _Reader, *, draw: bool) -> None:
    """Replay one series, where the rule speaks of it."""
    if not matches(tally.rule, columns.series) or reader.plan.silent(columns.series.project):
        return
    tally.series += 1
    changes = _changes(tally, columns, reader)
    if changes is None:
        tally.skipped += 1
        return
    if not changes:
        return
    story = Story(columns.series, damping_of(tally.rule)).follow(changes, reader.window.until)
    tally.alerts += story.alerts
    tally.news += story.news
    if draw:
        counted = sum(each.opened >= reader.window.since for each in story.alerts)
        tally.worst = sorted([*tally.worst, (counted, columns, story.alerts)], key=lambda each: -each[0])[:SHOWN]


def _changes(tally: _Tally, columns: Columns, reader: _Reader) -> list[Change] | None:
    """The changes of level on one series; None where there is no time for it any more."""
    rule = tally.rule
    if isinstance(rule, AbsenceRule | HeartbeatRule):
        return _silences(rule, columns, reader)
    fewer = needed(rule, columns, by_clock=reader.by_clock)
    if fewer is None:
        tally.judged += len(columns.instants)
        if tally.judged > MOST_SAMPLES:
            return None
    judged, samples = (rule, columns.samples()) if fewer is None else (fewer[0], columns.samples(fewer[1]))
    known = reader.known(rule, columns.series)
    return transitions(replay(judged, samples, metric=reader.metric, until=reader.window.until, known=known))


def _silences(rule: AbsenceRule | HeartbeatRule, columns: Columns, reader: _Reader) -> list[Change]:
    """Only what is around long gaps: between them nothing happens."""
    found: list[Change] = []
    at = columns.instants.tolist()
    for places, begins in silences(rule, columns):
        until = instant(at[begins + 1]) if begins + 1 < len(at) else reader.window.until
        steps = replay(rule, columns.samples(places), metric=reader.metric, until=until)
        found += [each for each in transitions(steps) if each[0] > instant(at[begins])]
    return found


def _predicted(plan: Plan, key: str, tally: _Tally, reader: _Reader) -> Figures:
    window = reader.window
    sent = Messages(plan, key, tally.rule).follow(tally.news, window.until).sent
    series = tally.series - tally.skipped
    return figures(tally.alerts, sent, series=series, since=window.since, until=window.until, zone=window.zone)


def _remedies(reader: _Reader, rules: Mapping[str, RuleConfig], advance: Advance) -> dict[str, tuple[Suggestion, ...]]:
    """Suggestions for rules that are noisy: all variants of all of them in one more reading, beside the rules."""
    found = history.quantiles(reader.lake, reader.metric.name, reader.first, reader.window.until, SHARES)
    tried = {
        key: [(Variant("", "", rule), _Tally(rule)), *((each, _Tally(each.rule)) for each in variants(rule, found))]
        for key, rule in rules.items()
    }
    for columns in reader.series(advance):
        for pairs in tried.values():
            if len(pairs[0][1].alerts) < MOST_TRIED:
                for _, tally in pairs:
                    _take(tally, columns, reader, draw=False)
    return {key: _suggested(pairs, reader.window.since) for key, pairs in tried.items()}


def _suggested(pairs: Sequence[tuple[Variant, _Tally]], since: datetime) -> tuple[Suggestion, ...]:
    counts = [(variant, sum(each.opened >= since for each in tally.alerts)) for variant, tally in pairs]
    return worth_telling(counts[1:], counts[0][1], pairs[0][1].series)


def _drawn(rule: RuleConfig, columns: Columns, alerts: Sequence[Episode], window: Window) -> Sparkline:
    worst = rule.side if isinstance(rule, ThresholdRule) else "above"
    return sparkline(columns, alerts, window.since, window.until, worst=worst)


def _quietly(_what: str, _done: int, _total: int) -> None:
    return None
