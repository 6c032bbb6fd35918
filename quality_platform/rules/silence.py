"""A series that has gone silent: how long is too long, and what the rule's policy makes of it.

No data is a state of the same alert: whoever was told that it fires is not told again when the data return.
Belongs here: (policy, state, now) to state. Does not belong here: rules that are about nothing but silence
(`absence.py`, `heartbeat.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from quality_platform.model.alerts import SEVERITY_ORDER, Evidence, Level, RuleState, Sample, Transition
from quality_platform.model.rules import ThresholdRule
from quality_platform.model.rules_of_values import NoData
from quality_platform.rules.levels import Judged, lasting

NO_DATA = "no_data"
PACES = 3
"""So many times the usual gap is silence."""

LEAST = timedelta(minutes=1)
"""A second's delay of a series of every second is none: clients send in batches."""

ENOUGH = 3
"""Samples that show a pace."""


def pace_of(instants: Sequence[datetime]) -> timedelta | None:
    """How far apart a series' samples usually are; None of too few to say."""
    if len(instants) < ENOUGH:
        return None
    return timedelta(seconds=median((late - early).total_seconds() for early, late in pairwise(instants)))


def limit_of(stale_after: timedelta | None, pace: timedelta | None) -> timedelta | None:
    """The longest silence that is none; None where nobody knows."""
    if stale_after is not None:
        return stale_after
    return None if pace is None else max(PACES * pace, LEAST)


def matters(rule: ThresholdRule) -> bool:
    """Whether silence is of any interest to it."""
    return rule.no_data != "keep" or rule.stale_after is not None


def by_value(state: RuleState) -> Level:
    """The level that values brought about: what silence alone raised, no clear level holds.

    A firing state has a `pending_level` where it was raised by silence.
    """
    return "ok" if state.pending_level != "ok" else state.level


def fallen_silent(
    policy: NoData, state: RuleState, now: datetime, *, last: Sample, raises: Level, keep: timedelta
) -> Judged:
    """`state` of a series that is silent at `now`; with the policy `alert` it fires at the level `raises`."""
    quiet = replace(state, no_data=True)
    if policy == "keep":
        return quiet, ()
    told = _evidence(last, now)
    if policy == "ok":
        return _counted_as_good(quiet, now, told, keep)
    level: Level = "critical" if policy == "error" else raises
    if SEVERITY_ORDER[level] <= SEVERITY_ORDER[state.level]:
        return replace(quiet, recovering_since=None), ()
    since = state.breached_at or last.observed_at
    after = RuleState(level, None, level, state.evaluated_to, None, since, no_data=True)
    return after, (Transition(state.level, level, told, NO_DATA, since),)


def _counted_as_good(quiet: RuleState, now: datetime, told: Evidence, keep: timedelta) -> Judged:
    if quiet.level == "ok":
        return replace(quiet, pending_since=None, pending_level="ok"), ()
    since = now if quiet.recovering_since is None else quiet.recovering_since
    if now - since < keep:
        return replace(quiet, recovering_since=since), ()
    after = RuleState(evaluated_to=quiet.evaluated_to, no_data=True)
    return after, (Transition(quiet.level, "ok", told, NO_DATA, quiet.breached_at),)


def _evidence(last: Sample, now: datetime) -> Evidence:
    detail = f"No value for {lasting(now - last.observed_at)}."
    return Evidence(last.value, None, last.observed_at, detail=detail)
