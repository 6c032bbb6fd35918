"""Rules that are judged sample by sample, and what they need of a series: so many samples, so far back, its pace.

Belongs here: threshold, absence and heartbeat seen as one kind. Does not belong here: reading samples
(`observations.py`), when anybody looks (`thresholds.py`, `live.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from quality_platform.alerting.plan import Plan
from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.rule_base import ZERO
from quality_platform.model.rules import AbsenceRule, BurnRateRule, HeartbeatRule, ThresholdRule
from quality_platform.rules import absence, heartbeat, silence, threshold
from quality_platform.rules.levels import Judged
from quality_platform.rules.matching import metric_of

Sampled = ThresholdRule | AbsenceRule | HeartbeatRule

PACED = 8
"""Samples that the pace of a series is taken from."""


def sampled_rules(plan: Plan) -> dict[str, Sampled]:
    """The rules of this kind, by key."""
    return {key: rule for key, rule in plan.rules.items() if isinstance(rule, Sampled)}


def live_rules(plan: Plan) -> dict[str, Sampled]:
    """Those that need nothing but the samples themselves as they arrive."""
    return {
        key: rule
        for key, rule in sampled_rules(plan).items()
        if plan.metric(metric_of(rule)).grain == "sample" and getattr(rule, "min_denominator", None) is None
    }


def judged(
    rule: Sampled, state: RuleState, samples: Sequence[Sample], unit: str, *, by_clock: bool, wholes: Sequence[Sample]
) -> Judged:
    """`state` after the samples that it was not judged to."""
    if isinstance(rule, ThresholdRule):
        return threshold.evaluate(rule, state, samples, unit, by_clock=by_clock, wholes=wholes)
    if isinstance(rule, AbsenceRule):
        return absence.evaluate(rule, state, samples)
    return heartbeat.evaluate(rule, state, samples)


def company(rules: Iterable[Sampled]) -> int:
    """How many observations before the first new one these rules must see."""
    return max((_company(rule) for rule in rules), default=0)


def stretch(rules: Iterable[Sampled]) -> timedelta:
    """How far back before the first new observation they must see all: the windows of aggregates."""
    windows = (_window(rule) for rule in rules if isinstance(rule, ThresholdRule) and threshold.looks_back(rule))
    return max(windows, default=ZERO)


def window(rules: Iterable[Sampled]) -> timedelta:
    """The longest window that samples are counted in."""
    return max((_window(rule) for rule in rules if isinstance(rule, ThresholdRule)), default=ZERO)


def reach(rules: Iterable[Sampled]) -> timedelta:
    """How long ago a series may have been alive last and still be of interest."""
    return max((_reach(rule) for rule in rules), default=ZERO)


def ticking(rule: Sampled) -> bool:
    """Whether the clock alone may decide something about it."""
    return not isinstance(rule, ThresholdRule) or bool(rule.keep_firing_for) or silence.matters(rule)


def limit_of(rule: Sampled, instants: Sequence[datetime]) -> timedelta | None:
    """The silence that is allowed to a series with these newest instants; None where nobody knows its pace."""
    if isinstance(rule, HeartbeatRule):
        return rule.every + rule.grace
    return silence.limit_of(rule.stale_after, None if rule.stale_after else silence.pace_of(instants[-PACED:]))


def wholes_wanted(rules: Mapping[str, Sampled]) -> dict[str, str]:
    """The denominator of each rule that has one, by key."""
    found = {}
    for key, rule in rules.items():
        if isinstance(rule, ThresholdRule) and rule.min_denominator is not None and rule.denominator:
            found[key] = rule.denominator
    return found


def _company(rule: Sampled) -> int:
    paced = PACED if ticking(rule) and not isinstance(rule, HeartbeatRule) and rule.stale_after is None else 0
    if not isinstance(rule, ThresholdRule):
        return paced
    if not silence.matters(rule):
        paced = 0
    return max(rule.min_samples - 1, 1 if ticking(rule) else 0, paced)


def _window(rule: ThresholdRule) -> timedelta:
    return timedelta(minutes=rule.trend_window_minutes)


def _reach(rule: Sampled) -> timedelta:
    if isinstance(rule, HeartbeatRule):
        return 2 * (rule.every + rule.grace)
    return rule.forget_after if isinstance(rule, AbsenceRule) else ZERO


def needs_clock(plan: Plan) -> bool:
    """Whether time alone may change what the rules say, so that they are to be asked without news too."""
    return any(ticking(rule) for rule in sampled_rules(plan).values()) or bool(plan.rules_of(BurnRateRule))
