"""What time alone decides about a rule on a series: when to look next, and what to make of it.

Belongs here: one entry for all rule types that the clock may move. Does not belong here: what each decides (their own
files), whose clock it is (`alerting/conditions/`).
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.rules import AbsenceRule, BurnRateRule, HeartbeatRule, RuleConfig, ThresholdRule
from quality_platform.rules import absence, burn_rate, heartbeat, silence, threshold
from quality_platform.rules.levels import Judged

INSTANT = timedelta(microseconds=1)
"""A silence of exactly the limit is none yet."""


def due(rule: RuleConfig, state: RuleState, limit: timedelta | None) -> datetime | None:
    """When `elapsed` may first decide something if no sample comes; None where it never will.

    `limit` is the silence that the series is allowed, None where its pace is not known.
    """
    if isinstance(rule, HeartbeatRule):
        return None if state.level != "ok" else _after(_last(state), rule.every + rule.grace)
    if isinstance(rule, AbsenceRule):
        if state.level != "ok":
            return _after(state.evaluated_to, rule.forget_after)
        return None if state.no_data else _after(_last(state), limit)
    if isinstance(rule, BurnRateRule):
        return _good_at(state, rule.keep_firing_for)
    if isinstance(rule, ThresholdRule):
        silent = None if state.no_data or not silence.matters(rule) else limit
        return _earlier(_good_at(state, rule.keep_firing_for), _after(state.evaluated_to, silent))
    return None


def elapsed(
    rule: RuleConfig,
    state: RuleState,
    now: datetime,
    *,
    last: Sample | None = None,
    limit: timedelta | None = None,
    unit: str = "",
) -> Judged:
    """`state` at `now` without a sample after `last` (None: unknown); again, it decides nothing more."""
    if isinstance(rule, HeartbeatRule):
        return heartbeat.elapse(rule, state, now)
    if isinstance(rule, AbsenceRule):
        return absence.elapse(rule, state, now, limit)
    newest = last or Sample(state.evaluated_to or now, math.nan)
    if isinstance(rule, BurnRateRule):
        return burn_rate.elapse(rule, state, now, newest)
    if isinstance(rule, ThresholdRule):
        silent = limit if silence.matters(rule) else None
        return threshold.elapse(rule, state, now, last=newest, limit=silent, unit=unit)
    return state, ()


def _last(state: RuleState) -> datetime | None:
    return state.evaluated_to or state.pending_since


def _after(instant: datetime | None, length: timedelta | None) -> datetime | None:
    return None if instant is None or length is None else instant + length + INSTANT


def _good_at(state: RuleState, keep: timedelta) -> datetime | None:
    return None if state.recovering_since is None else state.recovering_since + keep


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)
