"""Remedies for a noisy rule: what a little more patience, another clear level or another threshold would have done.

Belongs here: which variants are tried, and which of them are worth telling. Does not belong here: replaying them
(`alerting/backtest.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import ValidationError

from quality_platform.model.durations import written
from quality_platform.model.rules import AnomalyRule, BurnRateRule, RuleConfig, ThresholdRule

WAITS = tuple(timedelta(minutes=count) for count in (1, 2, 5, 10, 15, 30, 60))
KEEPS = tuple(timedelta(minutes=count) for count in (5, 15, 30))
CLEAR_SHARES = (0.02, 0.05, 0.1, 0.2)
"""Distances of a clear level from its threshold, in shares of the series' usual spread."""

PERCENTILES = (0.95, 0.99, 0.995, 0.999)
LEAST_GAIN = 0.5
"""Of the alerts, a remedy worth telling saves so many."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A rule with one setting changed; `setting` says which, as it is written in quality.yaml."""

    kind: str
    setting: str
    rule: RuleConfig


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A variant worth trying: how many alerts it would have made instead, on so many series."""

    kind: str
    setting: str
    alerts: int
    instead_of: int
    series: int

    def __str__(self) -> str:
        return f"with `{self.setting}` {self.alerts:,} instead of {self.instead_of:,} alerts"


def variants(rule: RuleConfig, quantiles: Mapping[float, float]) -> Iterator[Variant]:
    """What to try, the mildest of each kind first. `quantiles` are those of the values, by share."""
    if isinstance(rule, ThresholdRule | AnomalyRule | BurnRateRule):
        yield from _times(rule)
    if isinstance(rule, ThresholdRule):
        yield from _clears(rule, quantiles)
        yield from _thresholds(rule, quantiles)


def _times(rule: ThresholdRule | AnomalyRule | BurnRateRule) -> Iterator[Variant]:
    for wait in WAITS:
        if wait > rule.for_:
            yield Variant("for", f"for: {written(wait)}", rule.model_copy(update={"for_": wait}))
    for keep in KEEPS:
        if keep > rule.keep_firing_for:
            changed = rule.model_copy(update={"keep_firing_for": keep})
            yield Variant("keep_firing_for", f"keep_firing_for: {written(keep)}", changed)


def _clears(rule: ThresholdRule, quantiles: Mapping[float, float]) -> Iterator[Variant]:
    spread = quantiles.get(0.95, 0.0) - quantiles.get(0.05, 0.0)
    if spread <= 0 or rule.warning_clear is not None or rule.critical_clear is not None:
        return
    sign = 1.0 if rule.side == "above" else -1.0
    for share in CLEAR_SHARES:
        changes = {
            name.replace("threshold", "clear"): _rounded(bound - sign * share * spread)
            for name in ("warning_threshold", "critical_threshold")
            if (bound := getattr(rule, name)) is not None
        }
        yield from _valid("clear", rule, changes)


def _thresholds(rule: ThresholdRule, quantiles: Mapping[float, float]) -> Iterator[Variant]:
    """The lowest threshold at another percentile of the values, where that is beyond it."""
    name = "critical_threshold" if rule.warning_threshold is None else "warning_threshold"
    bound, above = getattr(rule, name), rule.side == "above"
    for share in PERCENTILES:
        found = quantiles.get(share if above else round(1 - share, 6))
        if found is not None and (found > bound if above else found < bound):
            cleared = {name.replace("threshold", "clear"): None}
            yield from _valid("threshold", rule, {name: _rounded(found)}, cleared)


def _valid(
    kind: str, rule: ThresholdRule, changes: Mapping[str, float], without: Mapping[str, None] | None = None
) -> Iterator[Variant]:
    """The rule with `changes`, unless they contradict what else it says."""
    body = {**rule.model_dump(by_alias=True), **changes, **(without or {}), "operator": rule.side}
    try:
        changed = ThresholdRule.model_validate(body)
    except ValidationError:
        return
    yield Variant(kind, ", ".join(f"{name}: {value:g}" for name, value in changes.items()), changed)


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")


def worth_telling(counts: Sequence[tuple[Variant, int]], alerts: int, series: int) -> tuple[Suggestion, ...]:
    """Of each kind the mildest that saves half of the alerts and not all of them, the most sparing kind first."""
    best: dict[str, Suggestion] = {}
    for variant, count in counts:
        if 0 < count <= alerts * (1 - LEAST_GAIN) and variant.kind not in best:
            best[variant.kind] = Suggestion(variant.kind, variant.setting, count, alerts, series)
    return tuple(sorted(best.values(), key=lambda each: each.alerts))
