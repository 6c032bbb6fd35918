"""The threshold rule: a value passes a level, perhaps for a while, and later comes back behind another.

Semantics: strict comparison; a level that fires clears behind its clear level; `for` is counted on the
samples' own instants and is met at exactly its length, as in Prometheus.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from quality_platform.model.alerts import SEVERITY_ORDER, Evidence, Level, RuleState, Sample, Transition
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules.levels import Judged, amount, moved

LEVELS: tuple[Level, ...] = ("critical", "warning")


def evaluate(rule: ThresholdRule, state: RuleState, samples: Sequence[Sample], unit: str = "") -> Judged:
    """Judge the samples later than `state.evaluated_to`, in order; older ones only count as company.

    `samples` are sorted by time and reach back `trend_window_minutes` before the first new one, so that
    `min_samples` can be counted. One that is not later than its predecessor is ignored, so a replay changes
    nothing. NaN is no observation: it breaks a pending alert, clears a firing one and is not counted.
    """
    accepted = _in_order(samples)
    counted = [sample.observed_at for sample in accepted if sample.value == sample.value]
    window = timedelta(minutes=rule.trend_window_minutes)
    transitions: list[Transition] = []
    for sample in accepted:
        if state.evaluated_to is not None and sample.observed_at <= state.evaluated_to:
            continue
        company = bisect_right(counted, sample.observed_at) - bisect_right(counted, sample.observed_at - window)
        state, changes = _judge(rule, state, sample, enough=company >= rule.min_samples, unit=unit)
        transitions.extend(changes)
    return state, tuple(transitions)


def _in_order(samples: Sequence[Sample]) -> list[Sample]:
    accepted: list[Sample] = []
    for sample in samples:
        if not accepted or sample.observed_at > accepted[-1].observed_at:
            accepted.append(sample)
    return accepted


def _judge(rule: ThresholdRule, state: RuleState, sample: Sample, *, enough: bool, unit: str) -> Judged:
    level = _level(rule, state.level, sample.value)
    at = sample.observed_at
    rises = SEVERITY_ORDER[level] > SEVERITY_ORDER[state.level]
    if rises and state.level == "ok":
        since = _pending_since(rule, state, at)
        if not enough or at - since < rule.for_:
            return replace(state, pending_since=since, pending_level=level, evaluated_to=at), ()
    if level == state.level or (rises and not enough):
        return replace(state, pending_since=None, pending_level="ok", evaluated_to=at), ()
    return moved(state, level, _evidence(rule, state.level, level, sample, unit), at)


def _pending_since(rule: ThresholdRule, state: RuleState, at: datetime) -> datetime:
    """When the wait began; a silence longer than both the window and `for` begins it anew.

    A host that slept for hours between two high values was not busy for hours.
    """
    silence = max(rule.for_, timedelta(minutes=rule.trend_window_minutes))
    if state.pending_since is None or state.evaluated_to is None or at - state.evaluated_to > silence:
        return at
    return state.pending_since


def _level(rule: ThresholdRule, current: Level, value: float) -> Level:
    """Critical first; a level that fires already is held against its clear level."""
    for level in LEVELS:
        bound = _bound(rule, level, firing=SEVERITY_ORDER[current] >= SEVERITY_ORDER[level])
        if bound is not None and (value > bound if rule.side == "above" else value < bound):
            return level
    return "ok"


def _bound(rule: ThresholdRule, level: Level, *, firing: bool) -> float | None:
    """What a value is held against: the level's threshold, or its clear level where it fires already."""
    critical = level == "critical"
    threshold = rule.critical_threshold if critical else rule.warning_threshold
    clear = rule.critical_clear if critical else rule.warning_clear
    return clear if firing and clear is not None else threshold


def _evidence(rule: ThresholdRule, before: Level, to: Level, sample: Sample, unit: str) -> Evidence:
    """Held against the threshold that was passed or, when it clears, the clear level that was left."""
    cleared = SEVERITY_ORDER[to] < SEVERITY_ORDER[before]
    level: Level = "critical" if cleared and to == "warning" else to
    if cleared and to == "ok":
        level = before if rule.warning_threshold is None else "warning"
    bound = _bound(rule, level, firing=cleared)
    place = f"no longer {rule.side}" if cleared else rule.side
    detail = "" if bound is None else f"{amount(sample.value, unit)} is {place} {amount(bound, unit)}."
    return Evidence(value=sample.value, threshold=bound, observed_at=sample.observed_at, detail=detail)
