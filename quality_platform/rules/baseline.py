"""A value against what it was before: the last run, the last release, the median of some runs.

While something fires, what came after its first breach is no baseline: a drop that lasts is one drop, not a new
normal. Belongs here: the baseline and how much is lost against it. Does not belong here: steps that detection found
(`regression.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from quality_platform.model.alerts import Evidence, RuleState, Sample, Transition
from quality_platform.model.change import percent_change, worsening
from quality_platform.model.metric import Direction
from quality_platform.model.rules import BaselineSettings
from quality_platform.rules.levels import Judged, amount, graded, moved

_NAMES = {"branch": "the run before", "release": "the last release", "median_runs": "the median of the runs before"}


def against_baseline(
    settings: BaselineSettings,
    state: RuleState,
    samples: Sequence[Sample],
    *,
    releases: Sequence[datetime],
    within: timedelta,
    direction: Direction,
    unit: str,
) -> Judged:
    """Judge the samples later than `state.evaluated_to` by their baselines; all sorted by time.

    A sample without a baseline says nothing. After `within` a drop that lasts is the new normal.
    """
    told: list[Transition] = []
    for place, sample in enumerate(samples):
        at = sample.observed_at
        if sample.value != sample.value or (state.evaluated_to is not None and at <= state.evaluated_to):
            continue
        base = baseline_of(settings, _eligible(state, samples[:place], at, within), at, releases)
        if base is None:
            continue
        lost = _lost(settings, base, sample.value, direction)
        level = graded(lost, settings.max_drop, settings.critical_drop)
        state, changes = moved(state, level, _evidence(settings, base, sample, direction, unit), at)
        told += changes
    return state, tuple(told)


def baseline_of(
    settings: BaselineSettings, earlier: Sequence[Sample], at: datetime, releases: Sequence[datetime]
) -> float | None:
    """What a value at `at` is held against; None where nothing of the kind came before. `earlier` by time."""
    numbers = [each for each in earlier if each.value == each.value]
    if settings.kind == "release":
        last = max((release for release in releases if release < at), default=None)
        numbers = [] if last is None else [each for each in numbers if each.observed_at <= last]
    count = settings.n if settings.kind == "median_runs" else 1
    return median(each.value for each in numbers[-count:]) if numbers else None


def _eligible(state: RuleState, earlier: Sequence[Sample], at: datetime, within: timedelta) -> Sequence[Sample]:
    since = state.breached_at
    if since is None or at - since > within:
        return earlier
    return [each for each in earlier if each.observed_at < since]


def _lost(settings: BaselineSettings, base: float, value: float, direction: Direction) -> float:
    change = percent_change(base, value) if settings.mode == "percent" else value - base
    return worsening(direction, change)


def _evidence(
    settings: BaselineSettings, base: float, sample: Sample, direction: Direction, unit: str
) -> Evidence:  # fmt: skip
    allowed = settings.max_drop if settings.mode == "absolute" else abs(base) * settings.max_drop / 100.0
    threshold = base + (allowed if direction == "lower_is_better" else -allowed)
    detail = f"{amount(sample.value, unit)} after {amount(base, unit)}, {_NAMES[settings.kind]}."
    return Evidence(sample.value, threshold, sample.observed_at, detail=detail)
